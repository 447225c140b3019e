//! The requests that replace a web ACL or an IP set: built here alone, so that what was rehearsed is what
//! is sent.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::operation::update_ip_set::builders::UpdateIPSetFluentBuilder;
use aws_sdk_wafv2::operation::update_web_acl::builders::UpdateWebACLFluentBuilder;
use aws_sdk_wafv2::types::{IpSet, Scope, WebAcl};

/// Every member that an update can carry. AWS: what isn't sent is gone, and a description may be missing but
/// not be empty.
pub fn web_acl(client: &Client, acl: &WebAcl, lock_token: &str) -> UpdateWebACLFluentBuilder {
    let acl = acl.clone();
    client
        .update_web_acl()
        .name(acl.name)
        .id(acl.id)
        .scope(Scope::Regional)
        .lock_token(lock_token)
        .set_default_action(acl.default_action)
        .set_description(acl.description.filter(|text| !text.is_empty()))
        .set_rules(acl.rules)
        .set_visibility_config(acl.visibility_config)
        .set_data_protection_config(acl.data_protection_config)
        .set_custom_response_bodies(acl.custom_response_bodies)
        .set_captcha_config(acl.captcha_config)
        .set_challenge_config(acl.challenge_config)
        .set_token_domains(acl.token_domains)
        .set_association_config(acl.association_config)
        .set_on_source_d_do_s_protection_config(acl.on_source_d_do_s_protection_config)
        .set_application_config(acl.application_config)
        .set_monetization_config(acl.monetization_config)
}

pub fn ip_set(client: &Client, set: &IpSet, lock_token: &str) -> UpdateIPSetFluentBuilder {
    let set = set.clone();
    client
        .update_ip_set()
        .name(set.name)
        .id(set.id)
        .scope(Scope::Regional)
        .lock_token(lock_token)
        .set_description(set.description.filter(|text| !text.is_empty()))
        .set_addresses(Some(set.addresses))
}
