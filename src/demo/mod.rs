//! A believable company in a folder: input, pipelines, settings.
