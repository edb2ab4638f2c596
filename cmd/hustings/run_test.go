package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/node"
)

// bound ends a test that waits for what never comes, with the processes it started.
func bound(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// program builds the program once and returns where it is. TestMain removes it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hustings-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "hustings")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return path, fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
})

// programUsed says that program was called.
var programUsed bool

// TestMain makes the program a command of scripts, too.
func TestMain(m *testing.M) { testscript.Main(tests{m}, map[string]func(){"hustings": main}) }

type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	if programUsed {
		path, _ := program()
		_ = os.RemoveAll(filepath.Dir(path))
	}
	return code
}

// process is hustings run as its own process.
type process struct {
	*exec.Cmd
	dir        string
	api, admin string // addresses
	greeting   string // what it printed when it had started
	rest       <-chan string
	errors     *bytes.Buffer // read it after the end
}

func command(t *testing.T, ctx context.Context, args ...string) *exec.Cmd {
	t.Helper()
	programUsed = true
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(ctx, path, args...)
}

// runArgs runs on free ports.
func runArgs(dir string) []string {
	return []string{"run", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}
}

var (
	apiLine   = regexp.MustCompile(`(?m)^  API +http://(\S+)/api$`)
	adminLine = regexp.MustCompile(`(?m)^  operator's API http://(\S+)/api/admin `)
)

// runProcess starts the program and waits until it has said all about how to trade. It is killed at the test's end.
func runProcess(t *testing.T, ctx context.Context, dir string) *process {
	t.Helper()
	p := &process{Cmd: command(t, ctx, runArgs(dir)...), dir: dir, errors: new(bytes.Buffer)}
	p.Stderr = p.errors
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	p.Stdout = in
	err = p.Start()
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	lines := bufio.NewReader(out)
	for !strings.Contains(p.greeting, "$API/portfolio") {
		line, err := lines.ReadString('\n')
		p.greeting += line
		if err != nil {
			_ = p.Wait()
			t.Fatalf("it ended (%v) after\n%s%s", p.ProcessState, p.greeting, p.errors)
		}
	}
	rest := make(chan string, 1)
	p.rest = rest
	go func() {
		b, _ := io.ReadAll(lines)
		rest <- string(b)
	}()
	address, admin := apiLine.FindStringSubmatch(p.greeting), adminLine.FindStringSubmatch(p.greeting)
	if address == nil || admin == nil {
		t.Fatalf("no addresses in\n%s", p.greeting)
	}
	p.api, p.admin = address[1], admin[1]
	return p
}

// stop interrupts the program, as Ctrl-C does, and checks how it ends.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := p.Wait()
	rest := <-p.rest
	if err != nil || !strings.HasSuffix(rest, "Stopped. Everything that was acknowledged is on disk.\n") {
		t.Errorf("after Ctrl-C: %v\n%s%s", err, rest, p.errors)
	}
}

// firstTradeLines is the commands in the greeting.
func (p *process) firstTradeLines(t *testing.T) string {
	t.Helper()
	_, lines, found := strings.Cut(p.greeting, "\nA first trade, in another terminal:\n")
	if !found {
		t.Fatalf("no first trade in\n%s", p.greeting)
	}
	return lines
}

// readmeLines is the commands in the README, for this process instead of one on the default addresses and directory.
func (p *process) readmeLines(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, lines, found := strings.Cut(string(readme), "\n## A first trade\n\n```\n")
	lines, _, ended := strings.Cut(lines, "\n```\n")
	if !found || !ended {
		t.Fatal("README.md has no block of commands under A first trade")
	}
	return p.here(t, lines)
}

// here replaces the default addresses and directory.
func (p *process) here(t *testing.T, lines string) string {
	t.Helper()
	for from, to := range map[string]string{
		"http://127.0.0.1:8080/": "http://" + p.api + "/", "http://127.0.0.1:8081/": "http://" + p.admin + "/",
		"$(cat data/admin.key)": "$(cat " + filepath.Join(p.dir, node.AdminKeyFile) + ")",
	} {
		if strings.Count(lines, from) != 1 {
			t.Fatalf("%q is not once in\n%s", from, lines)
		}
		lines = strings.Replace(lines, from, to, 1)
	}
	return lines
}

var tokenFile = regexp.MustCompile(`/tmp/([$\w]+\.token)\b`)

// shell runs lines as they are, but for one thing: what they keep in /tmp is kept in a directory of the test's own, since
// another exchange's tokens may be there. It returns what they printed.
func shell(t *testing.T, ctx context.Context, lines string) string {
	t.Helper()
	for _, name := range []string{"bash", "curl", "sed"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the first trade needs %s, which is not installed: %v", name, err)
		}
	}
	lines = tokenFile.ReplaceAllString(lines, t.TempDir()+"/${1}")
	c := exec.CommandContext(ctx, "bash", "-u", "-e", "-o", "pipefail")
	c.Stdin = strings.NewReader(lines)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\nof\n%s", err, out, lines)
	}
	return string(out)
}

// wantFirstTrade checks that Alice and Bobby hold 10 contracts each that were traded at 0.62.
func (p *process) wantFirstTrade(t *testing.T, ctx context.Context) {
	t.Helper()
	c := dial(t, p.api, "")
	trades, err := c.Trades(ctx, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tr := trades.Trades; len(tr) != 1 || tr[0].Price != 6_200 || tr[0].Quantity != 10 {
		t.Errorf("trades: %+v", tr)
	}
	for name, cash := range map[string]api.Money{"alice": 938_000, "bobby": 962_000} {
		session, err := c.Login(ctx, name, "correct horse battery")
		if err != nil {
			t.Fatal(err)
		}
		account, err := c.As(session.Secret).Portfolio(ctx, session.Seq)
		if err != nil {
			t.Fatal(err)
		}
		if account.Cash != cash || account.Held != 0 || len(account.Positions) != 1 || account.Positions[0].Quantity != 10 {
			t.Errorf("%s: %+v", name, account)
		}
	}
}

// What the program prints can be pasted; what was traded outlives Ctrl-C and kill -9.
func TestRunFirstTradeAndGoOn(t *testing.T) {
	ctx, dir := bound(t), filepath.Join(t.TempDir(), "data")
	p := runProcess(t, ctx, dir)
	want(t, p.greeting, 0, 0, "started        new, in ", filepath.Join(dir, node.AdminKeyFile))
	out := shell(t, ctx, p.firstTradeLines(t))
	if strings.Contains(out, "/docs/errors#") {
		t.Errorf("something was refused: %s", out)
	}
	want(t, out, 0, 0, `"status":"filled"`, `"volume":10`, `"equity":"100.0000"`)
	p.wantFirstTrade(t, ctx)
	p.stop(t)

	p = runProcess(t, ctx, dir)
	want(t, p.greeting, 0, 0, " commands replayed in ")
	p.wantFirstTrade(t, ctx)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // says that it was killed

	p = runProcess(t, ctx, dir)
	p.wantFirstTrade(t, ctx)
	p.stop(t)
}

// What the README says can be pasted too, and is what the program prints.
func TestReadmeFirstTrade(t *testing.T) {
	ctx := bound(t)
	p := runProcess(t, ctx, filepath.Join(t.TempDir(), "data"))
	readme := p.readmeLines(t)
	out := shell(t, ctx, readme)
	if strings.Contains(out, "/docs/errors#") {
		t.Errorf("something was refused: %s", out)
	}
	p.wantFirstTrade(t, ctx)
	p.stop(t)
	if printed := plain(p.firstTradeLines(t)); plain(readme) != printed {
		t.Errorf("README.md says\n%s\nand the program prints\n%s", plain(readme), printed)
	}
}

// plain is commands without indentation, empty lines and the README's variable for a header.
func plain(lines string) string {
	const header = "Content-Type: application/json"
	lines = strings.Replace(lines, "JSON='"+header+"'\n", "", 1)
	lines = strings.ReplaceAll(lines, `"$JSON"`, "'"+header+"'")
	var b strings.Builder
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// refused runs the program with arguments on which it must not start, and returns what it says.
func refused(t *testing.T, ctx context.Context, args ...string) string {
	t.Helper()
	out, err := command(t, ctx, args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestRunSaysWhyItDoesNotStart(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	p := runProcess(t, ctx, dir)
	out := refused(t, ctx, runArgs(dir)...)
	want(t, out, 0, 0, "hustings: another hustings runs on "+dir, "--data", fmt.Sprintf("process %d", p.Process.Pid))

	const hint = "stop whatever uses it, or choose other addresses with --listen and --admin-listen"
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, flag := range []string{"--listen", "--admin-listen"} {
		out = refused(t, ctx, append(runArgs(t.TempDir()), flag, taken.Addr().String())...)
		want(t, out, 0, 0, taken.Addr().String(), syscall.EADDRINUSE.Error(), hint)
	}
	out = refused(t, ctx, append(runArgs(t.TempDir()), "--deposits", "anybody")...)
	want(t, out, 0, 0, "--deposits anybody: must be traders or operator")

	p.stop(t)
}
