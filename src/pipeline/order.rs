//! In which order pipelines run when they are run together.

use crate::config::LoadedPipeline;

/// The enabled ones, each after those its `after` names, otherwise in the order of their files. Where names are given,
/// those alone, enabled or not. The settings were checked: `after` has no cycle.
pub fn in_order<'a>(pipelines: &'a [LoadedPipeline], only: &[String]) -> Vec<&'a LoadedPipeline> {
    let chosen = |pipeline: &LoadedPipeline| {
        if only.is_empty() { pipeline.settings.enabled } else { only.contains(&pipeline.settings.name) }
    };
    let mut waiting: Vec<&LoadedPipeline> = pipelines.iter().filter(|pipeline| chosen(pipeline)).collect();
    let mut ordered: Vec<&LoadedPipeline> = Vec::new();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|pipeline| {
            let waits_for = |name: &String| waiting.iter().any(|other| &other.settings.name == name);
            !pipeline.settings.after.iter().any(waits_for)
        });
        ordered.push(waiting.remove(free.unwrap_or(0)));
    }
    ordered
}
