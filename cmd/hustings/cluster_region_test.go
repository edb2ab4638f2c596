package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
)

// group is an exchange of real processes and the operator's commands.
type group struct {
	*cluster.Cluster
	t   *testing.T
	ctx context.Context
	dir string
}

// startGroup starts n nodes and, after them, learners that are no members yet.
func startGroup(t *testing.T, ctx context.Context, n, learners, shards int, wrap func(int, []string) []string) *group {
	t.Helper()
	path, err := program()
	programUsed = true
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "cluster")
	k, err := cluster.Start(cluster.Options{Nodes: n, Shards: shards, Binary: path, Dir: dir, Wrap: wrap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	if err := k.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	for range learners {
		if _, err := k.Add(""); err != nil {
			t.Fatal(err)
		}
	}
	return &group{k, t, ctx, dir}
}

// try runs one of the operator's commands.
func (g *group) try(args ...string) (string, error) {
	return runHere(g.t, append(append([]string{"cluster"}, args...), "--dir", g.dir)...)
}

func (g *group) run(args ...string) string {
	g.t.Helper()
	out, err := g.try(args...)
	if err != nil {
		g.t.Fatalf("cluster %q: %v\n%s", args, err, out)
	}
	return out
}

// refused runs a command that must not be carried out.
func (g *group) refused(says string, args ...string) {
	g.t.Helper()
	if out, err := g.try(args...); err == nil || !strings.Contains(err.Error(), says) {
		g.t.Errorf("cluster %q: %v, it should say %q\n%s", args, err, says, out)
	}
}

// until waits for a condition of every shard, as a node sees it.
func (g *group) until(what string, node int, condition func(api.ClusterShard) bool) {
	g.t.Helper()
	for {
		status, err := g.Node(node).Status(g.ctx)
		if err == nil && !slices.ContainsFunc(status.Shards, func(s api.ClusterShard) bool { return !condition(s) }) {
			return
		}
		select {
		case <-g.ctx.Done():
			g.t.Fatalf("waited in vain until %s: %+v, %v\n%s", what, status, err, g.Node(node).Tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// trade opens a market and returns a trader's key and the market.
func (g *group) trade() (key string, market api.ID) {
	g.t.Helper()
	admin := connect(g.t, "http://"+g.Node(1).AdminAddr, g.AdminKey)
	hall := floor.Floor{Public: connect(g.t, "http://"+g.Node(1).Addr, ""), Admin: admin}
	market, err := hall.OpenMarket(g.ctx, api.CreateMarket{Question: "Will it go on?"})
	if err != nil {
		g.t.Fatal(err)
	}
	ada, err := hall.Hire(g.ctx, "ada", 10_000_000)
	if err != nil {
		g.t.Fatal(err)
	}
	made, err := admin.CreateKeyFor(g.ctx, ada.Account, "", api.CreateKey{Label: "test"})
	if err != nil {
		g.t.Fatal(err)
	}
	return made.Secret, market
}

func bid(n int) api.PlaceOrder {
	return api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1, ClientOrderID: fmt.Sprint("ada-", n)}
}

// A whole region is lost under load. One command makes the exchange go on elsewhere with every order that was
// acknowledged, and the lost nodes do not serve again when they come back.
func TestRegionIsLost(t *testing.T) {
	t.Run("one shard", func(t *testing.T) { loseRegion(t, 1) })
	t.Run("two shards", func(t *testing.T) { loseRegion(t, 2) }) // market 1 belongs on the second
}

func loseRegion(t *testing.T, shards int) {
	ctx := bound(t)
	g := startGroup(t, ctx, 3, 2, shards, nil)
	four, five := g.Node(4), g.Node(5)
	g.run("add", "4="+four.Peers, "--learner", "--sync")
	g.run("add", "5="+five.Peers, "--learner")
	g.until("all follow", 1, func(s api.ClusterShard) bool {
		return s.Health == api.HealthHealthy && len(s.Members) == 5 && s.Members[3].Synchronous && s.Commit > 0 && s.Members[4].Match >= s.Commit
	})
	key, market := g.trade()
	admins := []string{"--admin", "http://" + five.AdminAddr, "--admin", "http://" + four.AdminAddr, "--key-file", filepath.Join(g.dir, "secrets", "admin.key")}
	seize := func(more ...string) (string, error) {
		return runHere(t, append(append([]string{"cluster", "seize", "--yes"}, admins...), more...)...)
	}
	for lost, says := range map[string]string{"1,2,3": "answers, so it is not lost", "1": "a majority of the voters is still there",
		"1,2,3,4,5": "is the one that was asked", "1,9": "Node 9 is not a member"} {
		if out, err := seize("--lost", lost); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("without %s: %v\n%s", lost, err, out)
		}
	}

	acknowledged := g.load(key, market)
	time.Sleep(time.Second)
	for n := 1; n <= 3; n++ {
		if err := g.Kill(n); err != nil {
			t.Fatal(err)
		}
	}
	lostAt := time.Now()
	orders := acknowledged()
	if out, err := seize("--lost", "1,2"); err == nil || !strings.Contains(err.Error(), "Node 3 does not answer") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := runHere(t, append([]string{"cluster", "seize", "--lost", "1,2,3"}, admins...)...); err == nil || !strings.Contains(err.Error(), "nothing was done") {
		t.Errorf("without a yes: %v", err)
	}
	begun := time.Now()
	out, err := seize("--lost", "1,2,3", "--voters", "4,5")
	if err != nil {
		t.Fatalf("%v\n%s\n%s%s", err, out, four.Tail(), five.Tail())
	}
	want(t, out, 0, 0, "leads generation 1", "Orders are accepted")
	public := connect(t, "http://"+four.Addr, key)
	if _, err := public.Place(ctx, market, "", bid(1_000_000)); err != nil {
		t.Fatalf("%v\n%s", err, four.Tail())
	}
	t.Logf("an order was acknowledged %v after the command was given, %v after the region was lost; %d before it",
		time.Since(begun).Round(time.Millisecond), time.Since(lostAt).Round(time.Millisecond), len(orders))
	have := openOrders(t, ctx, public)
	for _, id := range orders {
		if !have[id] {
			t.Errorf("order %s was acknowledged and is gone", id)
		}
	}
	g.until("node 5 has a vote", 4, func(s api.ClusterShard) bool {
		return len(s.Members) == 2 && s.Members[0].Role == api.Voter && s.Members[1].Role == api.Voter && s.Members[1].Health == api.HealthOK
	})
	if _, err := connect(t, "http://"+five.Addr, key).Place(ctx, market, "", bid(1_000_001)); err != nil {
		t.Errorf("at the other survivor: %v\n%s", err, five.Tail())
	}

	// The region is back, and must not take part.
	for n := 1; n <= 3; n++ {
		if err := g.Restart(n); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 3; n++ {
		select {
		case <-g.Node(n).Ended():
		case <-ctx.Done():
			t.Fatalf("node %d serves:\n%s", n, g.Node(n).Tail())
		}
		if said := g.Node(n).Tail(); !strings.Contains(said, "declared lost") {
			t.Errorf("it ended for another reason:\n%s", said)
		}
	}
	if _, err := public.Place(ctx, market, "", bid(1_000_002)); err != nil {
		t.Error(err)
	}
	g.rejoin(1)
}

// rejoin lets a lost node begin with an empty directory and become a member again.
func (g *group) rejoin(number int) {
	g.t.Helper()
	n := g.Node(number)
	if err := os.RemoveAll(filepath.Join(n.Dir, "data")); err != nil {
		g.t.Fatal(err)
	}
	config, err := os.ReadFile(n.Config)
	if err != nil {
		g.t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(config), "[[member]]")
	text += fmt.Sprintf("[[member]]\nnode = 4\npeers = %q\n", g.Node(4).Peers)
	if err := os.WriteFile(n.Config, []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
	if err := g.Restart(number); err != nil {
		g.t.Fatal(err)
	}
	g.run("add", fmt.Sprintf("%d=%s", number, n.Peers))
	if err := n.Wait(g.ctx); err != nil {
		g.t.Error(err)
	}
}

// load places orders at node 1 until it does not answer any more. The function that is returned ends that, and gives the
// ids of those that were acknowledged.
func (g *group) load(key string, market api.ID) (end func() []string) {
	ctx, stop := context.WithCancel(g.ctx)
	done := make(chan []string, 1)
	c, err := client.New("http://"+g.Node(1).Addr, client.Options{Token: key, Tries: 1})
	if err != nil {
		g.t.Fatal(err)
	}
	go func() {
		defer c.Close()
		var ids []string
		for n := 0; ; n++ {
			o, err := c.Place(ctx, market, "", bid(n))
			if err != nil {
				done <- ids
				return
			}
			ids = append(ids, fmt.Sprint(o.Order))
		}
	}()
	return func() []string {
		stop()
		return <-done
	}
}

func openOrders(t *testing.T, ctx context.Context, c *client.Client) map[string]bool {
	t.Helper()
	all, query := map[string]bool{}, url.Values{"limit": {"200"}}
	for {
		page, err := c.Orders(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Orders {
			all[fmt.Sprint(o.Order)] = true
		}
		if page.NextCursor == "" {
			return all
		}
		query.Set("cursor", page.NextCursor)
	}
}

// Old and new programs work together under the old rules; the new ones are switched on when all know them; and a program
// that does not know them stops and says what to do.
func TestUpgrade(t *testing.T) {
	ctx := bound(t)
	old := filepath.Join(t.TempDir(), "old")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-X main.knownRules=1", "-o", old, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	upgraded := map[int]bool{1: true}
	g := startGroup(t, ctx, 3, 0, 1, func(node int, argv []string) []string {
		if !upgraded[node] {
			argv[0] = old
		}
		return argv
	})
	key, market := g.trade()
	public := connect(t, "http://"+g.Node(1).Addr, key)
	trade := func(from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			if _, err := public.Place(ctx, market, "", bid(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	same := func(at int) {
		t.Helper()
		seq := api.ID(0)
		g.until("all states were compared", at, func(s api.ClusterShard) bool {
			seq = max(seq, s.Seq)
			return s.Check != nil && s.Check.Result == api.CheckSame && len(s.Check.Nodes) == 3
		})
	}
	trade(0, 200)
	same(1)
	g.refused("knows rules up to 1", "upgrade", "--rules", "2")
	want(t, g.run("upgrade"), 0, 0, "Rules 1 are in force")
	upgraded[2] = true
	if err := errors.Join(g.Restart(2), g.Node(2).Wait(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := g.Kill(3); err != nil {
		t.Fatal(err)
	}
	g.refused("Node 3 does not answer", "upgrade")
	upgraded[3] = true
	if err := errors.Join(g.Restart(3), g.Node(3).Wait(ctx)); err != nil {
		t.Fatal(err)
	}
	g.until("it is known that all know the rules", 1, func(s api.ClusterShard) bool { return s.RulesKnown == exchange.RulesVersion })
	want(t, g.run("status"), 0, 0, fmt.Sprintf("rules 1 of %d (hustings cluster upgrade)", exchange.RulesVersion))
	want(t, g.run("upgrade"), 0, 0, fmt.Sprintf("Rules %d are in force", exchange.RulesVersion))
	trade(200, 400)
	same(1)

	upgraded[3] = false
	if err := g.Restart(3); err != nil {
		t.Fatal(err)
	}
	select {
	case <-g.Node(3).Ended():
	case <-ctx.Done():
		t.Fatal("an old program goes on with rules that it does not know")
	}
	want(t, g.Node(3).Tail(), 0, 0, fmt.Sprintf("this version of hustings knows rules up to 1, the log asks for %d: upgrade this node", exchange.RulesVersion))
}
