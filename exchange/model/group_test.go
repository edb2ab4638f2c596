package model

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestGroupWindow(t *testing.T) {
	tests := []struct {
		name      string
		waits     []exchange.Duration // before each fill of 4, in a window of 8 s
		triggered bool
	}{
		{"two fills reach the limit", []exchange.Duration{0, 0}, false},
		{"a third passes it", []exchange.Duration{0, 0, 0}, true},
		{"the last eighth still counts", []exchange.Duration{0, 0, 8*second - 1}, true},
		{"the window has rolled on", []exchange.Duration{0, 0, 8 * second}, false},
		{"eighths begin at whole seconds", []exchange.Duration{second - 1, 0, 7*second + 1}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			g := exchange.GroupID(d.do(&exchange.CreateGroup{Account: alice, Limit: 8, Window: 8 * second}).ID)
			for _, wait := range test.waits {
				d.wait(wait)
				d.do(buy(alice, 4, 5000, inGroup(g)))
				d.do(sell(bob, 4, 5000))
			}
			if got := d.Groups[0].Triggered; got != test.triggered {
				t.Errorf("triggered: %v", got)
			}
		})
	}
}

func TestTriggeredGroup(t *testing.T) {
	d := newDesk(t, nil)
	g := exchange.GroupID(d.do(&exchange.CreateGroup{Account: alice, Limit: 5, Window: 8 * second}).ID)
	d.do(buy(alice, 4, 5000, inGroup(g)))
	d.do(buy(alice, 4, 4900, inGroup(g)))
	d.do(buy(alice, 4, 4800, inGroup(g)))
	// The second fill makes 8: the rest of the group cannot trade, though bob would have liked to.
	if reply := d.do(sell(bob, 12, 4800)); reply.Filled != 8 || reply.Remaining != 4 {
		t.Errorf("got %+v", reply)
	}
	d.queue(exchange.Buy)
	d.refused(exchange.RejectGroupTriggered, buy(alice, 1, 100, inGroup(g)))
	d.refused(exchange.RejectGroupNotFound, buy(bob, 1, 100, inGroup(g)))
	d.do(&exchange.ChangeGroup{Account: alice, Group: g, Action: exchange.ResetGroup})
	// An arriving order of the group ends when its fill passes the limit.
	d.do(sell(carol, 4, 4800))
	d.do(sell(carol, 4, 4850))
	if reply := d.do(buy(alice, 20, 4900, inGroup(g))); reply.Filled != 8 || reply.Remaining != 0 {
		t.Errorf("got %+v", reply)
	}
	d.do(&exchange.ChangeGroup{Account: alice, Group: g, Action: exchange.DeleteGroup})
	d.refused(exchange.RejectGroupNotFound, &exchange.ChangeGroup{Account: alice, Group: g, Action: exchange.ResetGroup})
}

func TestFillOrKillForeseesTheGroup(t *testing.T) {
	d := newDesk(t, nil)
	g := exchange.GroupID(d.do(&exchange.CreateGroup{Account: alice, Limit: 3, Window: 8 * second}).ID)
	d.do(buy(alice, 4, 5000, inGroup(g)))
	d.do(buy(alice, 4, 5000, inGroup(g)))
	d.refused(exchange.RejectUnfillable, sell(bob, 8, 5000, fillOrKill))
	d.do(sell(bob, 4, 5000, fillOrKill))
}
