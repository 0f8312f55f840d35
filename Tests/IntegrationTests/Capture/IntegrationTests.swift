import Testing

/// Real mail through a real Postfix and lever-milter into a real PostgreSQL, and out again with leverctl.
///
/// Serialized, since all share one mail host: `MailHost.shared`.
@Suite(.serialized)
enum IntegrationTests {}
