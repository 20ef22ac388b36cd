# import_server.sh - a Dovecot for tests of imports; sourced by them
#
# It runs from a configuration of its own, as nobody or who runs this, on an
# address of the loopback network that no other run has.

# Two runs at a time have two numbers.
address=127.$((64 + ($$ >> 16 & 63))).$(($$ >> 8 & 255)).$(($$ & 255))
port=10143 tls_port=0
home=$tmp/dovecot
as=()
user=$(id -un) group=$(id -gn) ids="uid=$(id -u) gid=$(id -g)"
if ((EUID == 0)); then
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	user=nobody group=nogroup ids='uid=65534 gid=65534'
fi

# What a test may set before it starts the server; $home/more is its own
# configuration.
special=no plugins='' quota=0 tls=no

# start_proxy LISTEN OPTION...: a proxy to the server that does that; one at a
# time
proxy=
start_proxy()
{
	stop_proxy
	: >"$tmp/proxy" # the one before said that it was ready
	python3 "$here/import/proxy.py" "$1" "$address:$port" "${@:2}" \
		>"$tmp/proxy" &
	proxy=$!
	until grep -q ready "$tmp/proxy"; do
		kill -0 "$proxy" || return 1
		sleep 0.05
	done
}

stop_proxy()
{
	[[ -z $proxy ]] || { kill "$proxy" && wait "$proxy"; } 2>/dev/null || true
	proxy=
}

# Any name is a user's, and `secret' the password of all.
configure()
{
	mkdir -p "$home/run" "$home/mail"
	printf 'secret\n' >"$home/password"
	local certificate=
	[[ $tls == no ]] || printf -v certificate '%s\n' \
		"ssl_cert = <$home/cert.pem" "ssl_key = <$home/key.pem"
	[[ $tls == no ]] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
		-subj '/O=Example/CN=mail.example.com' \
		-addext "subjectAltName=IP:$address,DNS:mail.localhost" -keyout "$home/key.pem" \
		-out "$home/cert.pem" 2>"$tmp/openssl"
	cat >"$home/conf" <<-END
		protocols = imap
		base_dir = $home/run
		state_dir = $home
		log_path = $home/log
		default_login_user = $user
		default_internal_user = $user
		default_internal_group = $group
		first_valid_uid = 1
		ssl = $tls
		$certificate
		disable_plaintext_auth = no
		mail_location = maildir:~/mail
		mail_fsync = never
		namespace inbox {
		  inbox = yes
		  separator = /
		  mailbox Sent {
		    auto = $special
		    special_use = \Sent
		  }
		  mailbox Trash {
		    auto = $special
		    special_use = \Trash
		  }
		}
		!include_try $home/more
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = $ids home=$home/mail/%u
		}
		protocol imap {
		  mail_plugins = $plugins
		  mail_max_userip_connections = 100
		}
		plugin {
		  quota = count:User quota
		  quota_rule = *:storage=$quota
		  quota_vsizes = yes
		}
		service imap-login {
		  chroot =
		  inet_listener imap {
		    address = $address
		    port = $port
		  }
		  inet_listener imaps {
		    address = $address
		    port = $((tls_port))
		    ssl = yes
		  }
		}
		service anvil {
		  chroot =
		}
		service stats {
		  chroot =
		}
	END
	((EUID != 0)) || chown -R "$user:$group" "$home"
}

answers()
{
	(exec 3<>"/dev/tcp/$address/$port") 2>/dev/null
}

start_server()
{
	configure
	"${as[@]}" dovecot -F -c "$home/conf" 7<&- 8>&- &
	server=$!
	until answers; do
		kill -0 "$server" || { cat "$home/log"; return 1; }
		sleep 0.1
	done
}

stop_server()
{
	[[ -z ${server-} ]] || { kill "$server" && wait "$server"; } || true
	server=
}
