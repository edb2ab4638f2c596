package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
)

// soak is set for long runs.
var soak = os.Getenv("HUSTINGS_SOAK") != ""

var binary string // the program under test

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hustings-faults")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = cluster.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// process is an exchange that runs by itself.
type process struct {
	cmd           *exec.Cmd
	public, admin string // base addresses
	dir           string
	ended         chan struct{} // closed once it has ended, and err is set
	err           error
	mu            sync.Mutex
	output        bytes.Buffer
	announced     chan struct{} // closed once the addresses are known
}

// launch starts an exchange on a directory, wrapped in another program if one is given, and does not wait for it.
func launch(t *testing.T, dir string, wrapper ...string) *process {
	t.Helper()
	args := append(wrapper, binary, "run", "--limits", "off", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	p := &process{cmd: exec.Command(args[0], args[1:]...), dir: dir, ended: make(chan struct{}), announced: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, out := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(in)
	go func() {
		p.err = p.cmd.Wait()
		out.Close()
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

var addresses = map[string]*regexp.Regexp{
	"public": regexp.MustCompile(`^  API +(http://\S+)/api$`),
	"admin":  regexp.MustCompile(`^  operator's API +(http://\S+)/api/admin `),
}

// listen keeps what the process says and looks for its addresses.
func (p *process) listen(in io.Reader) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		line := lines.Text()
		p.mu.Lock()
		fmt.Fprintln(&p.output, line)
		p.mu.Unlock()
		if found := addresses["public"].FindStringSubmatch(line); found != nil {
			p.public = found[1]
		}
		if found := addresses["admin"].FindStringSubmatch(line); found != nil {
			p.admin = found[1]
			close(p.announced)
		}
	}
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// start launches an exchange and waits until it answers.
func start(t *testing.T, dir string, wrapper ...string) *process {
	t.Helper()
	p := launch(t, dir, wrapper...)
	select {
	case <-p.announced:
	case <-p.ended:
		t.Fatalf("the exchange did not start: %v\n%s", p.err, p.said())
	case <-time.After(time.Minute):
		t.Fatalf("the exchange does not start\n%s", p.said())
	}
	return p
}

// kill ends the process, and what it is wrapped in, as nothing can prevent, and waits for its end.
func (p *process) kill() {
	select {
	case <-p.ended:
	default:
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended just now
		<-p.ended
	}
}

// stop lets the process end in order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.waitEnd(t)
	if p.err != nil {
		t.Fatalf("the exchange did not stop in order: %v\n%s", p.err, p.said())
	}
}

func (p *process) waitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		t.Fatalf("the exchange does not end\n%s", p.said())
	}
}

// connect returns a client that asks once and gives up.
func connect(t *testing.T, base, token string) *client.Client {
	t.Helper()
	c, err := client.New(base, client.Options{Token: token, Tries: 1, MaxConns: 32, Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// operator returns a client with the operator's key.
func (p *process) operator(t *testing.T) *client.Client {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.dir, "admin.key"))
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, p.admin, strings.TrimSpace(string(key)))
}

// verify checks all files of an exchange that does not run.
func verify(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command(binary, "verify", "--data", dir).CombinedOutput(); err != nil {
		t.Fatalf("hustings verify: %v\n%s", err, out)
	}
}
