//! The AWS regions that Atlas offers: for keys and for nodes.

use super::error::Refusal;

/// Written as Atlas does; `GLOBAL` isn't one of them.
const REGIONS: [&str; 38] = [
    "US_GOV_WEST_1",
    "US_GOV_EAST_1",
    "US_EAST_1",
    "US_EAST_2",
    "US_WEST_1",
    "US_WEST_2",
    "CA_CENTRAL_1",
    "EU_NORTH_1",
    "EU_WEST_1",
    "EU_WEST_2",
    "EU_WEST_3",
    "EU_CENTRAL_1",
    "EU_CENTRAL_2",
    "AP_EAST_1",
    "AP_EAST_2",
    "AP_NORTHEAST_1",
    "AP_NORTHEAST_2",
    "AP_NORTHEAST_3",
    "AP_SOUTHEAST_1",
    "AP_SOUTHEAST_2",
    "AP_SOUTHEAST_3",
    "AP_SOUTHEAST_4",
    "AP_SOUTHEAST_5",
    "AP_SOUTHEAST_6",
    "AP_SOUTHEAST_7",
    "AP_SOUTH_1",
    "AP_SOUTH_2",
    "SA_EAST_1",
    "CN_NORTH_1",
    "CN_NORTHWEST_1",
    "ME_SOUTH_1",
    "ME_CENTRAL_1",
    "AF_SOUTH_1",
    "EU_SOUTH_1",
    "EU_SOUTH_2",
    "IL_CENTRAL_1",
    "CA_WEST_1",
    "MX_CENTRAL_1",
];

/// Refuses a region whose KMS a project can't use.
///
/// A project of Atlas for Government is restricted to one side: the regions of government, or the commercial ones.
pub(super) fn check_key_region(region: &str, restriction: Option<&str>) -> Result<(), Refusal> {
    let is_offered = REGIONS.contains(&region) && is_on_side(region, restriction);
    is_offered.then_some(()).ok_or_else(|| {
        let detail = format!("AWS KMS is not supported in the region {region}.");
        Refusal::bad_request("AWS_KMS_REGION_NOT_SUPPORTED", detail).about(region)
    })
}

/// Refuses a region in which a project can't have nodes; those of other clouds are all let through.
pub(super) fn check_node_region(provider: &str, region: &str, restriction: Option<&str>) -> Result<(), Refusal> {
    let is_offered = provider != "AWS" || (REGIONS.contains(&region) && is_on_side(region, restriction));
    is_offered.then_some(()).ok_or_else(|| {
        let detail = format!("No region {region} exists for provider {provider}.");
        Refusal::bad_request("INVALID_REGION", detail)
            .about(region)
            .about(provider)
    })
}

fn is_on_side(region: &str, restriction: Option<&str>) -> bool {
    let (government, china) = (region.starts_with("US_GOV_"), region.starts_with("CN_"));
    match restriction {
        Some("GOV_REGIONS_ONLY") => government,
        Some(_) => !government && !china,
        None => !government,
    }
}
