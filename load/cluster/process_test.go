package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Here nodes are shell scripts: what is tested is what becomes of processes, whatever they do.

// startScript starts n processes that run a shell script instead of the program.
func startScript(t *testing.T, n int, script string) *Cluster {
	t.Helper()
	c, err := Start(scripted(t.TempDir(), n, script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func scripted(dir string, n int, script string) Options {
	return Options{Nodes: n, Binary: "/nowhere/hustings", Dir: filepath.Join(dir, "cluster"), Wrap: func(node int, argv []string) []string {
		return append([]string{"sh", "-c", script, "sh", strconv.Itoa(node)}, argv...)
	}}
}

func bound(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx := bound(t)
	for !condition() {
		if !pause(ctx) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// state is the letter that Linux has for what a process does; 0 for one that is not there any more.
func state(t *testing.T, pid int) byte {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return rest[0]
}

func gone(t *testing.T, pid int) bool {
	t.Helper()
	s := state(t, pid)
	return s == 0 || s == 'Z'
}

func needsProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skipf("looks at processes by /proc: %v", err)
	}
}

func TestEndedNodeSaysWhy(t *testing.T) {
	c := startScript(t, 2, `[ $1 = 1 ] && exec sleep 600; echo node $1 got "$3 $4"; echo the disk is gone >&2; exit 3`)
	n := c.Node(2)
	err := n.Wait(bound(t))
	if err == nil {
		t.Fatal("it is ready")
	}
	for _, says := range []string{"node 2 has ended: exit status 3", "node 2 got serve --config", "the disk is gone", n.LogFile} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in: %v", says, err)
		}
	}
	if n.Running() || !c.Node(1).Running() {
		t.Error("the wrong one has ended")
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Node(1).Wait(short); err == nil || !strings.Contains(err.Error(), "node 1 is not ready: ") {
		t.Errorf("%v", err)
	}
	if err := c.Wait(short); err == nil {
		t.Error("all are ready")
	}
}

// Kill ends what a process has started too, and a restart begins a new one.
func TestKillAndRestart(t *testing.T) {
	needsProc(t)
	c := startScript(t, 1, `sleep 600 & echo child $!; wait`)
	n, first := c.Node(1), c.Node(1).Pid()
	child := 0
	until(t, "it has a child", func() bool {
		_, _ = fmt.Sscanf(said(t, n), "child %d\n", &child)
		return child != 0
	})
	if err := c.Kill(1); err != nil || n.Running() {
		t.Fatalf("it runs: %v", err)
	}
	until(t, "its child has ended", func() bool { return gone(t, child) })
	if err := c.Kill(1); err != nil {
		t.Errorf("killing a dead one: %v", err)
	}
	for range 2 {
		if err := c.Restart(1); err != nil || !n.Running() || n.Pid() == first {
			t.Fatalf("pid %d again: %v", n.Pid(), err)
		}
		first = n.Pid()
	}
}

func said(t *testing.T, n *Node) string {
	t.Helper()
	text, err := os.ReadFile(n.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStopAndContinue(t *testing.T) {
	needsProc(t)
	c := startScript(t, 1, `exec sleep 600`)
	n := c.Node(1)
	if err := c.Stop(1); err != nil || !n.Stopped() {
		t.Fatal(err)
	}
	until(t, "it is frozen", func() bool { return state(t, n.Pid()) == 'T' })
	if err := c.Continue(1); err != nil || n.Stopped() {
		t.Fatal(err)
	}
	until(t, "it goes on", func() bool { return state(t, n.Pid()) == 'S' })
	if err := c.Stop(1); err != nil {
		t.Fatal(err)
	}
	if err := c.Kill(1); err != nil || n.Running() {
		t.Errorf("a frozen one is not killed: %v", err)
	}
}

func TestShutdownIsInOrder(t *testing.T) {
	c := startScript(t, 2, `trap 'exit $(( $1 - 1 ))' INT; echo up; while :; do sleep 0.01; done`)
	for _, n := range c.Nodes() {
		until(t, "it is up", func() bool { return strings.Contains(said(t, n), "up\n") })
	}
	if err := c.Shutdown(bound(t), 1); err != nil {
		t.Error(err)
	}
	if err := c.Shutdown(bound(t), 2); err == nil || !strings.Contains(err.Error(), "node 2 has ended: exit status 1") {
		t.Errorf("%v", err)
	}
}

// What was made goes on with the same nodes, and a further one has ports of its own.
func TestSecondStartGoesOn(t *testing.T) {
	dir := t.TempDir()
	first, err := Start(scripted(dir, 3, `exec sleep 600`))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Start(scripted(dir, 5, `exec sleep 600`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	if second.AdminKey != first.AdminKey || len(second.Nodes()) != 3 {
		t.Errorf("another exchange: %d nodes", len(second.Nodes()))
	}
	four, err := second.Add("")
	if err != nil || four.Number != 4 || !four.Running() {
		t.Fatalf("%+v, %v", four, err)
	}
	taken := map[string]bool{}
	for _, n := range second.Nodes() {
		if old := first.Node(n.Number); old != nil && (old.Addr != n.Addr || old.AdminAddr != n.AdminAddr || old.Peers != n.Peers) {
			t.Errorf("node %d has moved: %+v, %+v", n.Number, old, n)
		}
		for _, address := range []string{n.Addr, n.AdminAddr, n.Peers} {
			if taken[address] {
				t.Errorf("two listen at %s", address)
			}
			taken[address] = true
		}
	}
}

// The processes end with the one that started them, even if that is killed.
func TestNodesEndWithTheirParent(t *testing.T) {
	needsProc(t)
	if dir := os.Getenv("HUSTINGS_TEST_PARENT"); dir != "" {
		beParent(dir)
	}
	parent := exec.CommandContext(bound(t), os.Args[0], "-test.run", "^TestNodesEndWithTheirParent$")
	parent.Env = append(os.Environ(), "HUSTINGS_TEST_PARENT="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for lines := bufio.NewScanner(out); len(pids) < 2 && lines.Scan(); {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the parent says %q", lines.Text())
		}
		pids = append(pids, pid)
		t.Cleanup(func() {
			if !gone(t, pid) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		})
	}
	if len(pids) < 2 || gone(t, pids[0]) || gone(t, pids[1]) {
		t.Fatalf("not running: %v", pids)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // says that it was killed
	for _, pid := range pids {
		until(t, "the node has ended", func() bool { return gone(t, pid) })
	}
}

// beParent starts nodes, says their ids and waits to be killed.
func beParent(dir string) {
	c, err := Start(scripted(dir, 2, `exec sleep 600`))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, n := range c.Nodes() {
		fmt.Println(n.Pid())
	}
	select {}
}
