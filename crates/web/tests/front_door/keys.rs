use axum::http::StatusCode;

use crate::world::World;

#[tokio::test]
async fn the_public_keys_of_assertions_are_everybodys_and_hold_no_secret() {
    let world = World::new();
    let reply = world.get("/privacy/keys.json").send().await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "application/jwk-set+json"));
    assert_eq!(reply.header("cache-control"), "public, max-age=3600");
    assert_eq!(reply.text, world.state.assertions.load().public_set());
    assert!(reply.text.starts_with(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":""#), "{}", reply.text);
    assert!(!reply.text.contains(r#""d":"#), "that would be the secret key");
}
