//! Every column of both catalogues, and what it holds: nothing personal but an address and a name, sealed.

use crate::people::{register, with_people};

#[test]
fn a_representation_keeps_no_date_of_birth() {
    with_people(async |database, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        let columns = database.columns().await;
        for table in ["accounts", "registrations"] {
            let age: Vec<&str> =
                columns.iter().filter(|(of, name)| of == table && name.starts_with("age")).map(|(_, name)| name.as_str()).collect();
            assert_eq!(age, ["age", "age_at", "age_method", "age_policy_version", "age_words_hash"]);
        }
    });
}

#[test]
fn the_schema_has_no_personal_column_but_the_address_and_the_name() {
    with_people(async |database, keys, _| {
        // Every column there is, and what it is. A new one has to be put here by somebody who thought about it.
        let sealed = ["accounts.email", "accounts.username", "registrations.email", "registrations.username"];
        let sealed_carriers =
            ["links.email", "links.email_compared", "jobs.payload", "passkeys.credential", "passkeys.name", "account_visitors.visitor"];
        let keyed_hashes = [
            "accounts.email_key",
            "accounts.username_key",
            "registrations.email_key",
            "registrations.username_key",
            "passkeys.credential_key",
            "links.id",
            "account_visitors.visitor_key",
        ];
        let about_an_account = [
            "accounts.id",
            "accounts.state",
            "accounts.language",
            "accounts.age",
            "accounts.age_method",
            "accounts.age_words_hash",
            "accounts.age_policy_version",
            "accounts.age_at",
            "accounts.guardian",
            "accounts.made_at",
            "accounts.closed_at",
            "registrations.id",
            "registrations.language",
            "registrations.age",
            "registrations.age_method",
            "registrations.age_words_hash",
            "registrations.age_policy_version",
            "registrations.age_at",
            "registrations.made_at",
            "registrations.expires_at",
            "links.kind",
            "links.owner",
            "links.made_at",
            "links.expires_at",
            "sessions.id",
            "sessions.account",
            "sessions.method",
            "sessions.started_at",
            "sessions.proved_at",
            "sessions.seen_at",
            "sessions.ends_at",
            "jobs.id",
            "jobs.kind",
            "jobs.owner",
            "jobs.made_at",
            "jobs.due_at",
            "jobs.tries",
            "jobs.begun_at",
            "jobs.given_up",
            "passkeys.id",
            "passkeys.account",
            "passkeys.made_at",
            "passkeys.used_at",
            // A quarter of a year, and no birthday; the hash is one of words that everybody is shown.
            "dependents.account",
            "dependents.passes_in",
            "dependents.words_hash",
            "dependents.policy_version",
            "dependents.said_at",
            "dependents.confirmed_at",
            "dependents.told_at",
            "dependents.passed_at",
        ];
        let of_programs = [
            "tokens.id",
            // Of a secret of ours.
            "tokens.hash",
            "tokens.name",
            "tokens.scopes",
            "tokens.made_at",
            "tokens.expires_at",
            "tokens.used_at",
            "idempotency.token",
            // Keyed hashes.
            "idempotency.idempotency_key",
            "idempotency.request",
            "idempotency.made_at",
            // What was answered to a write names nobody but by an id, and is sealed.
            "idempotency.status",
            "idempotency.kind",
            "idempotency.body",
            "agreements.account",
            "agreements.name",
            "agreements.since_at",
            "agreements.until_at",
            "account_visitors.account",
            "account_visitors.first_at",
            "account_visitors.last_at",
            "account_visitors.expires_at",
        ];
        let of_choices = [
            "choices.id",
            "choices.record",
            "choices.account",
            "choices.purpose",
            "choices.action",
            "choices.method",
            "choices.basis",
            "choices.interface",
            "choices.language",
            "choices.words_hash",
            "choices.policy_version",
            "choices.policy_hash",
            "choices.region",
            "choices.gpc",
            "choices.made_at",
            "record_accounts.record",
            "record_accounts.account",
            "record_accounts.bound_at",
        ];
        // What reporters wrote is sealed; `reporter` and `grounds` are keyed hashes, `reference` is the hash of a token.
        let of_cases = [
            "cases.id",
            "cases.kind",
            "cases.state",
            "cases.subject",
            "cases.grounds",
            "cases.opened_at",
            "cases.reported_at",
            "cases.due_at",
            "cases.decided_at",
            "cases.decided_by",
            "cases.reason",
            "cases.ended_at",
            "case_events.id",
            "case_events.in_case",
            "case_events.event",
            "case_events.actor",
            "case_events.happened_at",
            "case_reports.id",
            "case_reports.in_case",
            "case_reports.reference",
            "case_reports.reporter",
            "case_reports.about",
            "case_reports.message",
            "case_reports.email",
            "case_reports.language",
            "case_reports.made_at",
            "case_reports.told_at",
            "case_reports.erased_at",
            "case_deletions.in_case",
            "case_deletions.what",
            "case_deletions.number",
            "case_deletions.deleted_at",
        ];
        let of_keys = [
            "person_keys.person",
            "person_keys.master",
            "person_keys.wrapped",
            "erased_people.person",
            "named_keys.name",
            "named_keys.master",
            "named_keys.wrapped",
        ];
        // Operators run the site and are none of its people: what is personal of them is sealed under keys of their own.
        let sealed_of_operators = ["operators.name", "operator_passkeys.credential", "operator_passkeys.name"];
        let hashes_of_operators = ["operator_passkeys.credential_key", "operator_sessions.id", "operator_invitations.id"];
        let of_operators = [
            "operators.id",
            "operators.role",
            "operators.made_at",
            "operators.removed_at",
            "operator_passkeys.id",
            "operator_passkeys.operator",
            "operator_passkeys.made_at",
            "operator_passkeys.used_at",
            "operator_sessions.operator",
            "operator_sessions.started_at",
            "operator_sessions.seen_at",
            "operator_sessions.ends_at",
            "operator_invitations.operator",
            "operator_invitations.role",
            "operator_invitations.invited_by",
            "operator_invitations.made_at",
            "operator_invitations.expires_at",
            "operator_actions.number",
            "operator_actions.made_at",
            "operator_actions.operator",
            "operator_actions.deed",
            "operator_actions.subject",
        ];
        let of_people = [&sealed[..], &sealed_carriers, &keyed_hashes, &about_an_account].concat();
        let of_those_who_run_it = [&sealed_of_operators[..], &hashes_of_operators, &of_operators].concat();
        let known: Vec<&str> =
            [&of_people[..], &of_those_who_run_it, &of_programs, &of_cases, &of_choices, &of_keys, &["schema_steps.number"]].concat();
        let mut found: Vec<String> = Vec::new();
        for place in [&database, &keys] {
            found.extend(place.columns().await.into_iter().map(|(table, column)| format!("{table}.{column}")));
        }
        found.sort();
        found.dedup();
        let mut expected: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        expected.sort();
        assert_eq!(found, expected);
    });
}
