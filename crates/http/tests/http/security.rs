//! What keeps requests short, and browsers careful.

use crate::support::Server;

#[tokio::test]
async fn a_request_whose_parts_are_too_long_is_refused() {
    let server = Server::with_a_file();
    let with_q = |bytes: usize| format!("/files?q={}", "x".repeat(bytes - "/files?q=".len()));
    assert_eq!(server.get(&with_q(16 << 10)).await.status, 200);
    let (status, code, _) = server.get(&with_q((16 << 10) + 1)).await.problem();
    assert_eq!((status, code.as_str()), (414, "uri_too_long"));
    let path = format!("/files/{}/children", "a/".repeat(8 << 10));
    assert_eq!(server.get(&path).await.problem().0, 414);

    let long = "x".repeat(32 << 10);
    let (status, code, _) = server.get_with("/files", &[("x-long", &long)]).await.problem();
    assert_eq!((status, code.as_str()), (431, "headers_too_large"));
    let many: Vec<_> = (0..40).map(|_| ("x-many", &long[..1000])).collect();
    assert_eq!(server.get_with("/files", &many).await.problem().0, 431);
    assert_eq!(server.get_with("/files", &many[..30]).await.status, 200);
}

#[tokio::test]
async fn a_page_may_do_no_more_than_it_needs() {
    let server = Server::new();
    for uri in ["/", "/docs", "/files", "/nothing", "/assets/docs.js"] {
        let answer = server.get(uri).await;
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{uri}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let is_page = ["/", "/docs"].contains(&uri);
        assert_eq!(answer.headers.contains_key("cross-origin-opener-policy"), is_page, "{uri}");
        assert_eq!(answer.headers.contains_key("permissions-policy"), is_page, "{uri}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "not without TLS");
        assert!(!answer.headers.contains_key("server"), "no banner");
    }
}
