#!/bin/bash
# served.sh - servers on top of a mount of many stores: what they show is what
# the mount shows, also after they or the mount were started again
#
#	served.sh OSTFS OSTFORGE samba|nfs
#
# Both servers are real, on a port of the loopback, with files of their own.

server=$3
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
m=$tmp/m pcs=$tmp/PCs conf=$tmp/conf pid=
mkdir "$conf" "$tmp/got"

end_server()
{
	[[ -z $pid ]] || { kill -KILL -- "-$pid" && wait "$pid"; } 2>/dev/null ||
		true
	pid=
}
trap 'end_server; clean_up' EXIT

port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')

# answers COMMAND...: within a minute.
answers()
{
	local end=$((SECONDS + 60))
	until "$@" >/dev/null 2>&1; do
		kill -0 "$pid" && ((SECONDS < end)) || return 1
		sleep 0.2
	done
}

# In a group of its own, so that nobody of it is left.
serve()
{
	set -m
	"$@" >"$tmp/served" 2>&1 &
	pid=$!
	set +m
}

for n in 1 2 3; do
	mkdir -p "$pcs/PC-$n/Users/u/Outlook"
	"$2" --messages 6 --folders 2 --attachments 30000 --seed $n \
		-o "$pcs/PC-$n/Users/u/Outlook/u$n@example.com.ost"
done
cp "$pcs/PC-3/Users/u/Outlook/u3@example.com.ost" \
	"$pcs/PC-2/Users/u/Outlook/"
"$2" --sample --format 4k -o "$pcs/PC-1/Ünïcødé.pst"
head -c 100000 /dev/zero >"$pcs/zeros@example.com.ost"
chmod -R a+rX "$pcs"

samba_conf()
{
	cat >"$conf/smb.conf" <<-END
	[global]
	  server role = standalone server
	  smb ports = $port
	  interfaces = 127.0.0.1
	  bind interfaces only = yes
	  map to guest = bad user
	  load printers = no
	  disable spoolss = yes
	  disable netbios = yes
	  private dir = $conf
	  lock directory = $conf
	  state directory = $conf
	  cache directory = $conf
	  pid directory = $conf
	  ncalrpc dir = $conf/ncalrpc
	  log file = $conf/log
	[mail]
	  path = $m
	  read only = yes
	  guest ok = yes
	END
}

samba_start()
{
	serve smbd --foreground --no-process-group -s "$conf/smb.conf"
	answers client ls
}

client()
{
	(cd "$tmp/got" && smbclient -N -s "$conf/smb.conf" -p "$port" \
		//127.0.0.1/mail -c "$1")
}

# Without what cannot be opened: of that the client only says that it failed.
shared_is_mount()
{
	rm -rf "$tmp/got" && mkdir "$tmp/got"
	client 'recurse; prompt; mget *' >"$tmp/said" 2>&1 || true
	(cd "$m" && find . -path ./zeros@example.com -prune -o -print |
		sort) >"$tmp/want"
	(cd "$tmp/got" && find . -path ./zeros@example.com -prune -o -print |
		sort) | diff "$tmp/want" - &&
		grep -q '\.eml$' "$tmp/want" &&
		diff -r --exclude=zeros@example.com "$m" "$tmp/got"
}

cannot_list_zeros()
{
	client 'ls zeros@example.com/*' >"$tmp/said" 2>&1 || true
	cat "$tmp/said"
	grep -q NT_STATUS "$tmp/said"
}

by_samba()
{
	ls "$m/zeros@example.com" 2>/dev/null || true # and say why
	samba_conf
	ok 'Samba serves it' samba_start
	ok 'what it shows is what the mount shows, byte for byte' \
		shared_is_mount
	ok 'what cannot be opened fails there, too' cannot_list_zeros
	end_server
	ok 'it is started again' samba_start
	ok 'and shows the same' shared_is_mount
}

nfs_conf()
{
	cat >"$conf/ganesha.conf" <<-END
	NFS_CORE_PARAM {
	  Protocols = 4; NFS_Port = $port; Bind_addr = 127.0.0.1;
	  Enable_NLM = false; Enable_RQUOTA = false;
	}
	NFS_KRB5 { Active_krb5 = false; }
	NFSv4 { Graceless = true; }
	EXPORT {
	  Export_Id = 1; Path = "$m"; Pseudo = /mail; Filesystem_Id = 77.1;
	  Protocols = 4; Transports = TCP; Access_Type = RO;
	  Squash = No_Root_Squash; SecType = sys;
	  FSAL { Name = VFS; fsid_type = None; }
	}
	END
}

url()
{
	echo "nfs://127.0.0.1/mail/$1?version=4&nfsport=$port"
}

nfs_start()
{
	serve ganesha.nfsd -F -L "$conf/log" -f "$conf/ganesha.conf" \
		-p "$conf/pid"
	answers nfs-ls "$(url '')"
}

nfs()
{
	python3 "$here/nfs4.py" "$port" /mail "$@"
}

lists_names()
{
	nfs-ls -R "$(url u1@example.com/)" | sed -E 's/^([^ ]+ +){5}//' |
		sort >"$tmp/said"
	(cd "$m/u1@example.com" && find . -mindepth 1 -printf '%P\n') | sort |
		diff - "$tmp/said" && grep -q '\.eml$' "$tmp/said"
}

reads_a_mail()
{
	local mail
	mail=$(cd "$m" && find u1@example.com -name '*.eml' | sed q)
	nfs-cat "$(url "$mail")" | cmp - "$m/$mail"
}

mount_again()
{
	stop "$m" && start -o allow_other "$pcs" "$m"
}

another_store_for_u2()
{
	local end=$((SECONDS + 60)) before
	before=$(stat -c %i "$m/u2@example.com")
	cp "$pcs/PC-1/Users/u/Outlook/u1@example.com.ost" "$tmp/other"
	mv "$tmp/other" "$pcs/PC-2/Users/u/Outlook/u2@example.com.ost"
	until [[ $(stat -c %i "$m/u2@example.com") != "$before" ]]; do
		((SECONDS < end)) || return 1
		sleep 0.5
	done
}

by_nfs()
{
	nfs_conf
	ok 'an NFS server serves it' nfs_start
	ok 'a client lists what the mount does' lists_names
	ok 'and reads what is there' reads_a_mail
	ok 'all is as in the mount: names, numbers, sizes, bytes' \
		nfs walk "$m" "$tmp/handles"
	end_server
	ok 'it is started again' nfs_start
	ok 'a client goes on with the handles that it has' \
		nfs again - "$tmp/handles"
	end_server
	ok 'the mount is, too' mount_again
	ok 'and the server' nfs_start
	ok 'the handles are still the same' nfs again - "$tmp/handles"
	ok 'another store comes in the place of one' another_store_for_u2
	ok 'whose handles are none of the other' \
		nfs stale "$m/u2@example.com/" "$tmp/handles"
}

ok 'many stores are mounted, for servers' start -o allow_other "$pcs" "$m"
"by_$server"
end_server
ok 'it is unmounted' stop "$m"
finish
