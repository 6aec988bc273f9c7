/** git by words that write, run or send something (A1). */
import { lines } from './lines.fixture.ts';

export const gitWords: Readonly<Record<string, readonly string[]>> = {
  'git by its words': lines(String.raw`
    git bisect view rm -f x
    git bisect view checkout .
    git -ccore.pager=x log
    git -c core.fsmonitor='rm x' status
    git -c diff.external=x diff
    git -c core.sshCommand=x fetch
    git --config-env core.pager=X log
    git --config-env=alias.st=X st
    git --exec-path=. status
    git --git-dir=evil status
    git --git-dir evil log
    git --work-tree=.. status
    git --namespace=x log
    git --super-prefix=x status
    git --attr-source=x diff
    git --list-cmds=main
    git -p status
    git --paginate diff
    git log --ext-diff
    git log --textconv -p
    git log -p --ext-d
    git show --textconv HEAD
    git diff -O x
    git diff -Ox
    git grep -Oless x
    git grep -O'rm x' y
    git grep --open x y
    git grep --no-index x ~
    git rev-list --output=x
    git shortlog --output=x
    git whatchanged --output=x
    git stash show --output=x
    git stash show --ext-diff
    git show --outp=x
    git format-patch --stdout HEAD
    git archive HEAD
    git archive --remote=x HEAD
    git archive --exec=x HEAD
    git bundle verify x
    git remote show origin
    git remote -v update
    git branch -m a
    git branch -vf x y
    git branch -av x
    git branch --edit
    git branch --set-upstream-to=x
    git branch -u x
    git branch -c a b
    git tag -n -d x
    git tag -F x y
    git tag -s x
    git notes --ref x add
    git notes show -x; git notes remove
    git config --global --list --edit
    git config --get x --add y z
    git config set x.y z
    git config unset x.y
    git config rename-section a b
    git config --file x core.pager y
    git config -f x y.z w
    git config --blob x y.z
    git reflog delete HEAD@{0}
    git reflog drop
    git worktree prune
    git worktree add ../x
    git submodule foreach rm x
    git submodule update --init
    git submodule status; git submodule deinit .
    git lfs env; git lfs prune
    git symbolic-ref HEAD refs/heads/x
    git fsck --lost-found
    git ls-remote ext::sh
    git clone ext::'sh -c rm'
    git fetch ext::sh
    git var -l; git update-index --chmod=+x x
    git rev-parse --sq-quote x; git hash-object -w x
    git cat-file --batch --textconv
    git bugreport
    git diagnose
    git maintenance run
    git repack
    git gui
    gitk
    git citool
    git cvsserver
    git shell -c x
    git upload-pack .
    git receive-pack .
    git http-backend
    git column --command=x
    git interpret-trailers --in-place x
    git interpret-trailers --trailer x
    git mergetool --tool=x
    git difftool -x rm
    git difftool --extcmd=rm
    git help --web log
    git rerere forget x
    git scalar
    git stripspace
    git merge-file a b c
    git for-each-repo --config=x rm
    git hook run pre-commit
    git rebase -x rm
    git blame --contents .env x
    git checkout-index -a
    git fast-import
    git fast-export HEAD
    git unpack-objects
    git multi-pack-index write
    git commit-graph write
    git sparse-checkout set x
    git replace a b
    git credential-store get
    git status | sh
    git log --format=%B | bash
    git log | xargs rm
    git show HEAD:x.sh | sh
    git show HEAD:.npmrc
    git show HEAD:config/master.key
    git show :.env
    git show HEAD -- .env
    git log -p .env
    git cat-file blob HEAD:id_rsa
    git diff -- .env
    git grep x -- .env
  `),
};
