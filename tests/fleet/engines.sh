# shellcheck shell=bash disable=SC2154,SC2034 # sourced
# engines.sh - Slurm and sshd for a test, as who runs it, in $tmp; sourced
#
# Everything runs on ports of the loopback network that nobody has, and is
# stopped by stop_engines, whatever happened.

pids=()

# A port that is free now, on all addresses of the machine.
free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("", 0))
print(s.getsockname()[1])'
}

stop_engines()
{
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	[[ ! -e $tmp/slurm ]] || pkill_below "$tmp/slurm"
	((${#pids[@]} == 0)) || wait "${pids[@]}" 2>/dev/null || true
	pids=()
}

# Processes whose command line names a directory, which is ours alone.
pkill_below()
{
	local pid

	for pid in $(pgrep -f -- "$1" || true); do
		[[ $pid == "$$" || $pid == "$BASHPID" ]] ||
			kill -9 "$pid" 2>/dev/null || true
	done
}

# start_slurm NODE...: a controller, and a daemon a node, on this machine.
start_slurm()
{
	local d=$tmp/slurm node list

	mkdir -p "$d/state" && chmod 755 "$d"
	dd if=/dev/urandom of="$d/munge.key" bs=1024 count=1 status=none
	chmod 400 "$d/munge.key"
	munged --foreground --force --key-file="$d/munge.key" \
		--socket="$d/munge.socket" --pid-file="$d/munge.pid" \
		--seed-file="$d/munge.seed" --log-file="$d/munge.log" \
		>"$d/munge.out" 2>&1 &
	pids+=($!)
	list=$(IFS=,; echo "$*")
	cat >"$d/slurm.conf" <<-END
		ClusterName=ostfs
		SlurmctldHost=$(hostname -s)(127.0.0.1)
		SlurmctldPort=$(free_port)
		AuthType=auth/munge
		AuthInfo=socket=$d/munge.socket
		CredType=cred/munge
		StateSaveLocation=$d/state
		SlurmdSpoolDir=$d/spool-%n
		SlurmdPidFile=$d/%n.pid
		SlurmctldPidFile=$d/controller.pid
		SlurmctldLogFile=$d/controller.log
		SlurmdLogFile=$d/%n.log
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		ProctrackType=proctrack/pgid
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		ReturnToService=2
		MaxArraySize=1001
		MpiDefault=none
		SwitchType=switch/none
		SchedulerParameters=sched_min_interval=0,batch_sched_delay=0
		AccountingStorageType=accounting_storage/none
		MinJobAge=4
		SlurmdTimeout=10
		KillWait=5
	END
	# A node does not start where no control groups are mounted, as in a bare
	# chroot, unless it is told which kind it would use.
	mountpoint -q /sys/fs/cgroup ||
		echo 'CgroupPlugin=cgroup/v1' >"$d/cgroup.conf"
	for node; do
		echo "NodeName=$node NodeHostname=$(hostname -s)" \
			"NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2"
	done >>"$d/slurm.conf"
	echo "PartitionName=rescue Nodes=$list Default=YES State=UP" \
		>>"$d/slurm.conf"
	export SLURM_CONF=$d/slurm.conf
	until [[ -S $d/munge.socket ]]; do sleep 0.1; done
	slurmctld -D -f "$d/slurm.conf" >"$d/controller.out" 2>&1 &
	pids+=($!)
	for node; do
		slurmd -D -N "$node" -f "$d/slurm.conf" >"$d/$node.out" 2>&1 &
		pids+=($!)
	done
	slurm_is_up "$#"
}

slurm_is_up()
{
	local n

	for ((n = 0; n < 300; n++)); do
		[[ $(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l) != "$1" ]] ||
			return 0
		sleep 0.2
	done
	sinfo
	tail -n 5 "$tmp"/slurm/*.out "$tmp"/slurm/*.log
	return 1
}

# start_ssh NODE...: a daemon each, which lets in who runs this; and a
# configuration for ssh that knows them.
start_ssh()
{
	local d=$tmp/ssh node port

	mkdir -p "$d" /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$d/host"
	ssh-keygen -q -t ed25519 -N '' -f "$d/id"
	cp "$d/id.pub" "$d/authorized"
	for node; do
		port=$(free_port)
		cat >"$d/$node.conf" <<-END
			Port $port
			ListenAddress 127.0.0.1
			HostKey $d/host
			PidFile $d/$node.pid
			AuthorizedKeysFile $d/authorized
			PermitRootLogin prohibit-password
			PasswordAuthentication no
			StrictModes no
			UsePAM no
			MaxStartups 50
		END
		printf '%s\n' "Host $node" " HostName 127.0.0.1" " Port $port" \
			" IdentityFile $d/id" " IdentitiesOnly yes" \
			" UserKnownHostsFile $d/known" \
			' StrictHostKeyChecking no' ' LogLevel ERROR' >>"$d/config"
		/usr/sbin/sshd -D -f "$d/$node.conf" -E "$d/$node.log" &
		pids+=($!)
		eval "ssh_$node=$!"
	done
	# GNU parallel calls what this names.
	printf '#!/bin/sh\nexec ssh -F "%s" "$@"\n' "$d/config" >"$d/ssh"
	chmod +x "$d/ssh"
	export PARALLEL_SSH=$d/ssh
	for node; do
		until "$d/ssh" "$node" true; do sleep 0.2; done
	done
}

# start_dovecot: any name is a user's, and `secret' the password of all.
start_dovecot()
{
	local d=$tmp/dovecot as=() user group ids

	user=$(id -un) group=$(id -gn) ids="uid=$(id -u) gid=$(id -g)"
	if ((EUID == 0)); then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		user=nobody group=nogroup ids='uid=65534 gid=65534'
	fi
	imap=127.0.0.1:$(free_port)
	mkdir -p "$d/run" "$d/mail"
	printf 'secret\n' >"$d/password"
	cat >"$d/conf" <<-END
		protocols = imap
		base_dir = $d/run
		state_dir = $d
		log_path = $d/log
		default_login_user = $user
		default_internal_user = $user
		default_internal_group = $group
		first_valid_uid = 1
		ssl = no
		disable_plaintext_auth = no
		mail_location = maildir:~/mail
		mail_fsync = never
		mail_max_userip_connections = 100
		namespace inbox {
		  inbox = yes
		  separator = /
		}
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = $ids home=$d/mail/%u
		}
		service imap-login {
		  chroot =
		  inet_listener imap {
		    address = 127.0.0.1
		    port = ${imap#*:}
		  }
		}
		service anvil {
		  chroot =
		}
		service stats {
		  chroot =
		}
	END
	((EUID != 0)) || chown -R "$user:$group" "$d"
	"${as[@]}" dovecot -F -c "$d/conf" >"$d/out" 2>&1 &
	pids+=($!)
	answers "$imap" || { cat "$d/out" "$d/log"; return 1; }
}

# answers HOST:PORT, within a minute
answers()
{
	local n

	for ((n = 0; n < 300; n++)); do
		! (exec 3<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null || return 0
		sleep 0.2
	done
	return 1
}

# start_radicale: any name is a user's.
start_radicale()
{
	local d=$tmp/radicale

	dav=127.0.0.1:$(free_port)
	mkdir -p "$d"
	printf '%s\n' '[server]' "hosts = $dav" '[auth]' 'type = none' \
		'[storage]' "filesystem_folder = $d/store" >"$d/config"
	radicale --config "$d/config" >"$d/log" 2>&1 &
	pids+=($!)
	answers "$dav" || { cat "$d/log"; return 1; }
}
