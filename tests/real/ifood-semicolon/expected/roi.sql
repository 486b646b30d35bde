SELECT grain_key, targeted, responses, conversions, printf('%.2f', revenue) AS revenue, printf('%.2f', cost) AS cost,
       printf('%.6f', roi_net) AS roi_net, pays_for_itself
FROM campaign_roi WHERE grain = 'campaign_part' AND period = 'all' AND grain_key = 'PILOT'
