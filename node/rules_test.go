package node_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
)

// A new exchange begins with the latest rules. One that began with earlier ones keeps them.
func TestNewExchangeHasTheLatestRules(t *testing.T) {
	config := configOf(t.TempDir())
	config.Replica.Rules = exchange.MoveRules // as a program of then would begin
	r := start(t, config)
	if got := r.View().Rules(); got != exchange.MoveRules {
		t.Fatalf("rules %d", got)
	}
	r.close(t)
	config.Replica.Rules = 0
	if got := start(t, config).View().Rules(); got != exchange.MoveRules {
		t.Errorf("an exchange that is there has rules %d", got)
	}
	if got := start(t, configOf(t.TempDir())).View().Rules(); got != exchange.RulesVersion {
		t.Errorf("a new exchange has rules %d", got)
	}
}

// Several nodes begin with the latest rules that all of them know: no order is taken, and no key made, before.
func TestNewClusterHasTheLatestRules(t *testing.T) {
	for _, size := range []uint16{1, 3} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			ctx := bound(t)
			f := newFleet(t, size)
			for n, r := range f.nodes {
				if got := r.View().Rules(); got != exchange.RulesVersion {
					t.Errorf("node %d began with rules %d", n, got)
				}
			}
			token, _ := trader(t, ctx, f.nodes[size].public, "ada")
			must[api.KeyAnswer](t)(f.nodes[1].public.As(token).CreateKey(ctx, "k", api.CreateKey{Label: "bot", Addresses: []string{"192.0.2.0/24"}}))
		})
	}
}

// A founder that knows less holds the others back, and what has begun so stays so until the operator says otherwise, whatever all know
// by then.
func TestClusterBeginsWithWhatAllFoundersKnow(t *testing.T) {
	ctx := bound(t)
	f := newFleetOf(t, 3, func(c *node.Config) {
		if c.Cluster.Node == 2 {
			c.Replica.Rules = exchange.MoveRules
		}
	})
	for n, r := range f.nodes {
		if got := r.View().Rules(); got != exchange.MoveRules {
			t.Errorf("node %d began with rules %d", n, got)
		}
	}
	for _, r := range f.nodes {
		r.close(t)
	}
	f.edit = nil
	f.startAll()
	for n, r := range f.nodes {
		if got := r.View().Rules(); got != exchange.MoveRules {
			t.Errorf("node %d goes on with rules %d", n, got)
		}
	}
	must[api.Cluster](t)(f.nodes[1].admin.SwitchRules(ctx, 0))
	if got := f.nodes[1].View().Rules(); got != exchange.RulesVersion {
		t.Errorf("rules %d after the operator has switched", got)
	}
}

// With which rules an exchange began is told to whoever joins it, and on from there: a node that knows more must not take it for new.
func TestWhoJoinsHearsHowTheClusterBegan(t *testing.T) {
	ctx := bound(t)
	f := newFleetOf(t, 1, func(c *node.Config) { c.Replica.Rules = exchange.MoveRules })
	f.edit = nil
	f.learner(ctx, 2)
	f.edit = func(c *node.Config) { c.Cluster.Members = f.members[1:2] } // all that the next one knows of
	f.learner(ctx, 3)
	for n := uint16(1); n <= 3; n++ {
		var identity struct{ Begins int }
		if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(filepath.Join(f.data(n), "identity.json"))), &identity); err != nil {
			t.Fatal(err)
		}
		if identity.Begins != exchange.MoveRules {
			t.Errorf("node %d says that the exchange began with rules %d", n, identity.Begins)
		}
	}
}
