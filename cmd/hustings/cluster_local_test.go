package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
)

// local is hustings cluster local as its own process.
type local struct {
	*exec.Cmd
	dir, key string
	nodes    map[int]listed
	lines    chan string // what it says after the greeting
}

// listed is a line of the table that it prints.
type listed struct {
	pid                int
	api, admin, config string
}

var tableLine = regexp.MustCompile(`(?m)^  (\d+) +(\d+) +(http://\S+)/api +(http://\S+)/api/admin +(\S+)/serve\.log$`)

// runLocal starts a cluster and waits until it has said how to try it. It is stopped at the test's end.
func runLocal(t *testing.T, ctx context.Context, nodes int) *local {
	t.Helper()
	l := &local{dir: filepath.Join(t.TempDir(), "cluster"), nodes: map[int]listed{}, lines: make(chan string, 1_000)}
	if err := cluster.Make(cluster.Options{Nodes: nodes, Dir: l.dir}); err != nil { // on ports that are free
		t.Fatal(err)
	}
	l.Cmd = command(t, ctx, "cluster", "local", "--data", l.dir)
	out, in := io.Pipe()
	l.Stdout, l.Stderr = in, in
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = l.Wait() // the state is looked at
		in.Close()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = l.Process.Kill() // and the nodes with it
		<-ended
	})
	greeting, lines := "", bufio.NewReader(out)
	for !strings.Contains(greeting, "Ctrl-C stops all nodes.") {
		line, err := lines.ReadString('\n')
		greeting += line
		if err != nil {
			<-ended
			t.Fatalf("it ended (%v) after\n%s", l.ProcessState, greeting)
		}
	}
	go func() {
		defer close(l.lines)
		for s := bufio.NewScanner(lines); s.Scan(); {
			l.lines <- s.Text()
		}
	}()
	for _, row := range tableLine.FindAllStringSubmatch(greeting, -1) {
		number, _ := strconv.Atoi(row[1])
		pid, _ := strconv.Atoi(row[2])
		l.nodes[number] = listed{pid, row[3], row[4], filepath.Join(row[5], "hustings.toml")}
	}
	if len(l.nodes) != nodes {
		t.Fatalf("no table of %d nodes in\n%s", nodes, greeting)
	}
	want(t, greeting, 0, 0, fmt.Sprintf("kill -9 %d ", l.nodes[1].pid), "serve --config "+l.nodes[1].config)
	key, err := os.ReadFile(filepath.Join(l.dir, "secrets", "admin.key"))
	if err != nil {
		t.Fatal(err)
	}
	l.key = strings.TrimSpace(string(key))
	return l
}

// says waits for a line that has text in it.
func (l *local) says(t *testing.T, ctx context.Context, text string) {
	t.Helper()
	var all []string
	for {
		select {
		case line, ok := <-l.lines:
			if all = append(all, line); strings.Contains(line, text) {
				return
			}
			if !ok {
				t.Fatalf("%q is not in\n%s", text, strings.Join(all, "\n"))
			}
		case <-ctx.Done():
			t.Fatalf("it does not say %q, but\n%s", text, strings.Join(all, "\n"))
		}
	}
}

func (l *local) admin(t *testing.T, node int) *client.Client {
	t.Helper()
	return connect(t, l.nodes[node].admin, l.key)
}

func connect(t *testing.T, url, token string) *client.Client {
	t.Helper()
	c, err := client.New(url, client.Options{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// status is what cluster status prints, with its exit code.
func (l *local) status(t *testing.T) (string, int) {
	t.Helper()
	return execute(t, newClusterStatusCommand(), "--dir", l.dir)
}

// until waits for an exit code of the status.
func (l *local) until(t *testing.T, ctx context.Context, wanted int) string {
	t.Helper()
	for {
		out, code := l.status(t)
		if code == wanted {
			return out
		}
		select {
		case <-ctx.Done():
			t.Fatalf("exit code %d, not %d:\n%s", code, wanted, out)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// What make cluster promises: every node takes orders; a killed leader is told, the others trade on; it comes back and
// catches up; Ctrl-C stops all.
func TestClusterLocalOutlivesItsLeader(t *testing.T) {
	ctx := bound(t)
	l := runLocal(t, ctx, 3)
	hall := floor.Floor{Public: connect(t, l.nodes[1].api, ""), Admin: l.admin(t, 1)}
	market, err := hall.OpenMarket(ctx, api.CreateMarket{Question: "Will it go on?"})
	if err != nil {
		t.Fatal(err)
	}
	ada, err := hall.Hire(ctx, "ada", 10_000_000)
	if err != nil {
		t.Fatal(err)
	}
	key, err := hall.Admin.CreateKeyFor(ctx, ada.Account, "", api.CreateKey{Label: "test"})
	if err != nil {
		t.Fatal(err)
	}
	placed := 0
	place := func(node int) (seq api.ID) {
		t.Helper()
		placed++
		o := api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 5_000, Quantity: 1, ClientOrderID: fmt.Sprint("ada-", placed)}
		c := connect(t, l.nodes[node].api, key.Secret)
		if _, err := c.Market(ctx, market, key.Seq); err != nil { // waits until the node knows the key
			t.Fatal(err)
		}
		a, err := c.Place(ctx, market, "", o)
		if err != nil {
			t.Fatalf("order %d at node %d: %v", placed, node, err)
		}
		return a.Seq
	}
	for node := range l.nodes {
		place(node)
	}
	want(t, l.until(t, ctx, 0), 0, 0, "healthy", "leader node ")

	status, err := l.admin(t, 1).Cluster(ctx)
	if err != nil {
		t.Fatal(err)
	}
	leader := int(status.Shards[0].Leader)
	if err := syscall.Kill(l.nodes[leader].pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for node := range l.nodes {
		if node != leader {
			place(node)
		}
	}
	l.says(t, ctx, fmt.Sprintf("node %d has ended: signal: killed", leader))
	l.says(t, ctx, "serve --config "+l.nodes[leader].config)
	want(t, l.until(t, ctx, exitDegraded), 0, 0, "degraded", "unreachable")

	again := command(t, ctx, "serve", "--config", l.nodes[leader].config)
	var said strings.Builder
	again.Stdout, again.Stderr = &said, &said
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = again.Process.Signal(os.Interrupt)
		if err := again.Wait(); err != nil {
			t.Errorf("the restarted node: %v\n%s", err, said.String())
		}
	}()
	l.until(t, ctx, 0)
	seq := place(leader)
	book, err := connect(t, l.nodes[leader].api, "").OrderBook(ctx, market, 1, seq)
	if err != nil || len(book.Books) == 0 || len(book.Books[0].Bids) == 0 || int(book.Books[0].Bids[0].Quantity) != placed {
		t.Errorf("%d orders were placed, the restarted node has %+v, %v", placed, book, err)
	}

	if err := l.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	l.says(t, ctx, "Stopped. Everything that was acknowledged is on disk.")
}

// A node joins, leads and leaves while the exchange runs, by the commands that an operator has.
func TestClusterMembersComeAndGo(t *testing.T) {
	ctx := bound(t)
	path, err := program()
	programUsed = true
	if err != nil {
		t.Fatal(err)
	}
	k, err := cluster.Start(cluster.Options{Nodes: 3, Binary: path, Dir: filepath.Join(t.TempDir(), "cluster")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	if err := k.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	four, err := k.Add("")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(four.Dir)
	run := func(args ...string) string {
		t.Helper()
		out, err := runHere(t, append(append([]string{"cluster"}, args...), "--dir", dir)...)
		if err != nil {
			t.Fatalf("cluster %q: %v\n%s\n%s", args, err, out, four.Tail())
		}
		return out
	}
	shown := func(says string) {
		t.Helper()
		if out := run("status"); !strings.Contains(out, says) {
			t.Errorf("%q is not in\n%s", says, out)
		}
	}
	if out := run("add", "4="+four.Peers); !strings.HasSuffix(out, "Node 4 is a voter.\n") {
		t.Errorf("%s", out)
	}
	if err := four.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	// What a command has done is what the next status shows, and always somebody leads.
	for _, node := range []string{"1", "2", "3"} { // one of them leads
		run("demote", node)
		shown("  " + node + "     learner")
		run("promote", node)
	}
	run("remove", "1")
	if out := run("status"); strings.Contains(out, "\n  1  ") {
		t.Errorf("node 1 is still there:\n%s", out)
	}
	_, err = runHere(t, "cluster", "handover", "9", "--dir", dir)
	if err == nil || !strings.Contains(err.Error(), "(member_not_found)") {
		t.Errorf("%v", err)
	}
}
