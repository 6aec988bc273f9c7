/** Command lines that read places of secrets (A8). None of them may run unasked. */
import { lines } from './lines.fixture.ts';

export const secretCommands: Readonly<Record<string, readonly string[]>> = {
  'places of secrets': lines(String.raw`
    cat ~/.ssh/id_rsa
    cat ~/.ssh/id_ed25519
    cat /home/me/.ssh/id_rsa
    cat /root/.ssh/id_rsa
    cat ~root/.ssh/id_rsa
    cat ../.ssh/id_rsa
    cat ./../../me/.ssh/id_rsa
    cat $HOME/.ssh/id_rsa
    cat "$HOME"/.ssh/id_rsa
    cat "$HOME/.ssh/id_rsa"
    cat ~/.ssh/*
    cat ~/.ss?/id_rsa
    cat ~/.s*/id_*
    cat ~/.[s]sh/id_rsa
    cat ~/.ssh/i*
    cat ~/.{ssh,aws}/x
    cat .env
    cat .env.production
    cat ./.e*
    cat app/.env
    head -1 .env
    tail .env
    less .env
    grep KEY .env
    grep -r KEY ~
    grep -rn KEY /
    grep -R x /etc
    grep --recursive x /home
    grep x -r ../../..
    rg x ~
    rg x /
    rg --hidden x /home/me
    rg x ~/.ssh
    diff .env x
    diff -r ~ x
    base64 .env
    xxd .env
    od -c .env
    strings .env
    cut -d= -f2 .env
    sort .env
    uniq .env
    nl .env
    tac .env
    rev .env
    awk '{print}' .env
    sed -n p .env
    sed p .env
    jq . ~/.docker/config.json
    cat ~/.aws/credentials
    cat ~/.netrc
    cat ~/.kube/config
    cat ~/.npmrc
    cat ~/.git-credentials
    cat ~/.config/gh/hosts.yml
    cat /etc/shadow
    cat /etc/ssl/private/x
    cat /etc/ssh/ssh_host_rsa_key
    cat /proc/1/environ
    cat /proc/self/environ
    cat server.key
    cat cert.pem
    cat *.pem
    cat x.p12
    cat ~/.gnupg/x
    cat ~/.mozilla/firefox/x/logins.json
    cat ~/.bash_history
    cat ~/.navis/store.db
    cat < ~/.ssh/id_rsa
    echo "$(< ~/.ssh/id_rsa)"
    read x < .env
    mapfile x < .env
    while read l; do echo $l; done < ~/.aws/credentials
    cd ~/.ssh
    cd ~/.ssh && cat x
    cd .aws; cat credentials
    pushd ~/.gnupg
    cat /run/secrets/x
    ls | xargs cat
    file -f .env
    wc -l ~/.ssh/id_rsa
    cmp .env x
    md5sum .env
    cat ID_RSA
    cat ~/.SSH/id_rsa
    tail -f ~/.bash_history
    dmesg; cat .env
    find . -name .env -exec cat {} \;
    zcat .env
    cat ~/.config/google-chrome/Default/Cookies
    cat /dev/sda
    date -f .env
    du --files0-from=.env
    getent shadow
    awk 'BEGIN { ARGV[1] = ".env"; ARGC = 2 } { print }'
    file -f ~/.netrc
    strings @.env
    cat /dev/mem
  `),
};
