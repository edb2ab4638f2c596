package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/setup"
)

// Node is a node and its process. What is exported does not change.
type Node struct {
	Number    int
	Addr      string // of its API
	AdminAddr string // of the operator's API
	Peers     string // where other nodes connect
	Dir       string
	Config    string // file
	LogFile   string // what its processes have said

	key     string // the operator's
	options Options

	mu      sync.Mutex
	process *process
	stopped bool // frozen
}

func newNode(m setup.Made, o Options) *Node {
	return &Node{
		Number: int(m.File.Node), Addr: string(m.File.Listen.API), AdminAddr: string(m.File.Listen.Admin), Peers: string(m.File.Listen.Peers),
		Dir: m.Dir, Config: filepath.Join(m.Dir, setup.ConfigFile), LogFile: filepath.Join(m.Dir, "serve.log"),
		key: m.File.Secrets.Admin, options: o,
	}
}

// process is one run of the program.
type process struct {
	command *exec.Cmd
	ended   chan struct{} // closed when it has ended, and err is set
	err     error
}

// start starts the node's process.
func (n *Node) start() error {
	argv := append([]string{n.options.Binary, "serve", "--config", n.Config}, n.options.Args...)
	if n.options.Wrap != nil {
		argv = n.options.Wrap(n.Number, argv)
	}
	log, err := os.OpenFile(n.LogFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p := &process{command: exec.Command(argv[0], argv[1:]...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = attributes()
	// The system kills a child with the thread that made it. A goroutine of its own is on a thread that stays, even if
	// the caller has locked his.
	made := make(chan error)
	go func() {
		made <- p.command.Start()
		p.err = p.command.Wait()
		close(p.ended)
	}()
	if err := <-made; err != nil {
		return fmt.Errorf("starting node %d: %w", n.Number, err)
	}
	n.mu.Lock()
	n.process, n.stopped = p, false
	n.mu.Unlock()
	return nil
}

func (n *Node) running() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process
}

// Pid is the id of the node's process, also of one that has ended.
func (n *Node) Pid() int {
	if p := n.running(); p != nil {
		return p.command.Process.Pid
	}
	return 0
}

// Ended is closed when the process that runs now has ended.
func (n *Node) Ended() <-chan struct{} {
	if p := n.running(); p != nil {
		return p.ended
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

// Running reports whether the node's process has not ended.
func (n *Node) Running() bool {
	select {
	case <-n.Ended():
		return false
	default:
		return true
	}
}

// Stopped reports whether the node is frozen.
func (n *Node) Stopped() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stopped
}

// Why says how the process ended, and what it said last.
func (n *Node) Why() error {
	p := n.running()
	if p == nil || n.Running() {
		return nil
	}
	how := p.err
	if how == nil {
		how = errors.New("exit status 0")
	}
	return fmt.Errorf("node %d has ended: %w\n%s", n.Number, how, n.Tail())
}

// signal sends a signal to the process and what it has started. It does nothing where that has ended.
func (n *Node) signal(s syscall.Signal) error {
	if !n.Running() {
		return nil
	}
	if err := syscall.Kill(-n.Pid(), s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %v to node %d: %w", s, n.Number, err)
	}
	return nil
}

// Kill ends the node as nothing can prevent, and waits for its end.
func (n *Node) Kill() error {
	if err := n.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-n.Ended()
	return nil
}

// Stop freezes the node (SIGSTOP).
func (n *Node) Stop() error {
	err := n.signal(syscall.SIGSTOP)
	n.mu.Lock()
	n.stopped = err == nil
	n.mu.Unlock()
	return err
}

// Continue lets a frozen node go on (SIGCONT).
func (n *Node) Continue() error {
	err := n.signal(syscall.SIGCONT)
	n.mu.Lock()
	n.stopped = n.stopped && err != nil
	n.mu.Unlock()
	return err
}

// Restart starts the node, after killing it if it runs.
func (n *Node) Restart() error {
	if err := n.Kill(); err != nil {
		return err
	}
	return n.start()
}

// Shutdown lets the node end in order (SIGINT) and waits for its end.
func (n *Node) Shutdown(ctx context.Context) error {
	if err := n.signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-n.Ended():
	case <-ctx.Done():
		return fmt.Errorf("node %d does not end: %w\n%s", n.Number, ctx.Err(), n.Tail())
	}
	if p := n.running(); p.err != nil {
		return n.Why()
	}
	return nil
}

// Wait waits until the node is ready. It fails at once when the node ends.
func (n *Node) Wait(ctx context.Context) error {
	ended := n.Ended()
	for {
		err := n.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return n.Why()
		default:
		}
		if !pause(ctx) {
			return fmt.Errorf("node %d is not ready: %w\n%s", n.Number, err, n.Tail())
		}
	}
}

func (n *Node) ready(ctx context.Context) error {
	c, err := client.New("http://"+n.AdminAddr, client.Options{Tries: 1})
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/readyz"}, nil)
}

// Status is how the cluster is, as this node sees it.
func (n *Node) Status(ctx context.Context) (api.Cluster, error) {
	key, err := os.ReadFile(n.key)
	if err != nil {
		return api.Cluster{}, err
	}
	c, err := client.New("http://"+n.AdminAddr, client.Options{Token: strings.TrimSpace(string(key)), Tries: 1})
	if err != nil {
		return api.Cluster{}, err
	}
	defer c.Close()
	return c.Cluster(ctx)
}

// tailLines is how much of what a node said is told in an error.
const tailLines = 20

// Tail is the end of what the node's processes have said.
func (n *Node) Tail() string {
	text, err := os.ReadFile(n.LogFile)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	return fmt.Sprintf("node %d said last (%s):\n  %s\n", n.Number, n.LogFile, strings.Join(lines, "\n  "))
}
