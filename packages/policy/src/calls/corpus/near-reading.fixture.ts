/** Lines that differ by a word from those that only tell: kubectl, sed, awk, pipes as files, lists, texts for `sh` (A1, A8). */
import { lines } from './lines.fixture.ts';

export const nearReading: Readonly<Record<string, readonly string[]>> = {
  'a word beside reading': lines(String.raw`
    kubectl get pods --kubeconfig ./evil
    kubectl --server https://evil get pods
    kubectl get secret x -o yaml
    kubectl get secrets
    kubectl get all,secrets -o yaml
    kubectl get secret/x -o json
    kubectl get --raw /api
    kubectl get -f https://evil
    kubectl describe -f x
    kubectl logs x --kubeconfig=x
    kubectl get pods -o jsonpath-file=/etc/x
    kubectl config view --raw
    kubectl config set-context x
    kubectl config use-context x
    kubectl cluster-info dump
    kubectl cluster-info dump --output-directory=x
    kubectl auth reconcile -f x
    kubectl exec x -- rm y
    kubectl cp a b:c
    kubectl port-forward x 80
    kubectl proxy
    kubectl run x --image=y
    kubectl edit x
    kubectl debug x
    kubectl plugin list
    kubectl foo
    kubectl -n get delete pod x
    kubectl -v=9 get pods
    kubectl get pods --as=admin
    kubectl top pods --profile-output=x
    kubectl get pods --cache-dir x
    kubectl diff -f x
    kubectl scale x
    kubectl events --watch; kubectl rollout undo x
    sed -e 's/a/b/;w out' x
    sed -e p -e '1e rm' x
    sed -n -e '1p;w out' x
    sed 's/[/]/g;s/wout/b/' x
    sed -ep -i x
    sed -e p --in-place x
    sed --expression=p -i x
    sed -e "$x" y
    sed -e
    sed '1p;r .env' x
    sed 's/a/b/;e' x
    sed -n '/x/{w out' x
    sed '1!G;h;$!d;w x' y
    awk -F, '{print > "x"}' y
    awk -F ',' '{print >> "x"}' y
    awk 'NR > 1 {print > "x"}' y
    awk '$3 > 100 {print | "sh"}' x
    awk 'BEGIN {print 1 >= "x" > "y"}'
    awk '{print $1>="a">"b"}' x
    awk 'x>"y"{print>"z"}' f
    awk -v x="$(rm y)" '{print}' f
    awk -v 'x=/etc/shadow' '{print}' f
    awk -F
    awk -f<(echo x) y
    awk '$1 > 2 { printf("%s", $1) > "out" }' x
    awk 'print > "x"' y
    awk 'function f(){print>"x"} f()' y
    tar tf x --listed-incremental=y
    diff <(rm a) b
    cat <(rm x)
    file <(rm x)
    uniq *
    uniq *.txt
    xxd *
    xxd -l 64 a b
    uniq -f 1 a b
    xxd -s a b
    git tag --sort=x v1
    git tag --format=x -d v1
    git reflog -n expire --all x
    git reflog --all expire
    git reflog --expire=now --all
    less --log-f=x y
    less --lesskey-c=x y
    less --cm=x y
    jobs -lx rm x
    jobs -n -x rm x
    jobs -- -x rm
    source --help; jobs -x touch y
    npm version --help patch
    npm help; npm version 1
    pnpm help x; pnpm version
    npm -v version patch
    gem --version list --both
    helm version; helm install x
    docker help; docker run x
    declare -A a+='($(rm x))'
    x='($(rm x))'; declare -a y="$x"
    x=$(cat f); b=(1); declare b=$x
    read -a b <f; declare b="$x"
    mapfile b <f; typeset b="$x"
    b[0]=1; local b="$x"
    declare -a b; declare b="$x"
    watch '((rm x))'
    watch '[[ a || reboot ]]'
    sh <<< '((rm x))'
    sh -c 'eval "((rm x))"'
    dash -c "ls \$'a\\'; rm x #'"
    bash -c 'sh -c "[[ a || rm ]]"'
    sh -c 'trap "((rm x))" EXIT'
    env sh -c '((rm x))'
    timeout 5 sh -c '[[ a > b ]]'
    find . -exec sh -c '((rm x))' \;
    echo '((rm x))' | xargs -0 sh -c
    xargs -a.env echo
    xargs --arg-f=.env
    xargs -ra .env echo
    f() { sh -c '((rm x))'; }; f
  `),
};
