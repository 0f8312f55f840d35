/// The configuration of a Dovecot that only authenticates, as Debian 12's and 13's Dovecot read it: 2.4 renamed most of
/// the settings, and starts with no configuration of 2.3.
struct DovecotConfiguration {
    let directory: String
    /// The file of users and their passwords.
    let users: String
    /// The URL that checks access tokens.
    let introspection: String
    /// Where Postfix asks.
    let socket: String

    /// Dovecot 2.3 reads these settings from a file of their own.
    var oauth2: String {
        """
        introspection_mode = post
        introspection_url = \(introspection)
        username_attribute = username
        active_attribute = active
        active_value = true

        """
    }

    var text23: String {
        """
        \(common)
        disable_plaintext_auth = no
        passdb {
          driver = oauth2
          mechanisms = xoauth2 oauthbearer
          args = \(directory)/oauth2.conf
        }
        passdb {
          driver = passwd-file
          mechanisms = plain login
          args = scheme=PLAIN username_format=%u \(users)
        }
        userdb {
          driver = static
          args = uid=nobody gid=nogroup home=/nonexistent
        }

        """
    }

    var text24: String {
        """
        dovecot_config_version = 2.4.0
        dovecot_storage_version = 2.4.0
        \(common)
        auth_allow_cleartext = yes
        oauth2 {
          \(oauth2.split(separator: "\n").joined(separator: "\n  "))
        }
        passdb oauth2 {
          mechanisms_filter = xoauth2 oauthbearer
        }
        passdb passwd-file {
          mechanisms_filter = plain login
          default_password_scheme = PLAIN
          auth_username_format = %{user}
          passwd_file_path = \(users)
        }
        userdb static {
          fields {
            uid = nobody
            gid = nogroup
            home = /nonexistent
          }
        }

        """
    }

    private var common: String {
        """
        base_dir = \(directory)/run
        log_path = \(directory)/dovecot.log
        protocols =
        listen = 127.0.0.1
        ssl = no
        auth_mechanisms = plain login xoauth2 oauthbearer
        service auth {
          unix_listener \(socket) {
            mode = 0666
          }
        }
        service stats {
          unix_listener stats-reader {
            mode = 0600
          }
        }
        """
    }
}
