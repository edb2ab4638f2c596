package node

import (
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway/merge"
)

// seen is a shard as the gateway sees it.
func (h *hosted) seen() merge.Shard {
	return merge.Shard{ID: h.id, Submitter: h.submit, View: h.replica.View(), History: h.history}
}

// show lets the gateway see a shard that can be used, and reports whether it does. One that is still being founded, or copied
// from others, would keep it waiting.
func (n *Node) show(h *hosted) bool {
	n.showing.Lock()
	defer n.showing.Unlock()
	if h.id == exchange.HomeShard || h.shown {
		return true
	}
	if h.replica.View().Rules() < exchange.MoveRules {
		return false
	}
	n.exchange.Open(h.seen())
	n.feed.Open(h.id, h.replica.View())
	h.shown = true
	return true
}

// showSoon shows a shard as soon as it can be used.
func (n *Node) showSoon(h *hosted) {
	for !n.show(h) && n.wait(10*time.Millisecond) {
	}
}
