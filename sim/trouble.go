package sim

import (
	"time"

	"github.com/hustings/hustings/vfs"
)

// trouble makes something go wrong, again and again until the end.
func (w *world) trouble() {
	if w.ending {
		return
	}
	w.after(w.upTo(2*time.Duration(w.set.pause)*time.Millisecond), w.trouble)
	n := w.nodes[w.IntN(len(w.nodes))]
	w.redecide()
	w.replace()
	g := w.groups[w.IntN(len(w.groups))]
	h := g.hosts[w.IntN(len(g.hosts))]
	switch k := w.IntN(100); {
	case k < 10:
		w.cutPower(n)
	case k < 12:
		w.count(AllCrash)
		for _, n := range w.nodes {
			n.crash(w)
		}
	case k < 27:
		h.cutPowerWithin()
	case k < 31:
		w.cleanStop(n)
	case k < 35:
		h.rules.Add(&vfs.Rule{On: vfs.OpSync, Path: "*.wal", Skip: w.IntN(20), Times: 1, Err: errDisk})
	case k < 41:
		w.count(SlowDisk)
		n.slow = w.now + w.upTo(2*time.Second)
	case k < 45:
		w.loseDisk(h)
	case k < 53:
		w.count(Stall)
		n.stalled = w.now + w.upTo(1500*time.Millisecond)
	case k < 58:
		w.count(ClockJump)
		n.clock = time.Duration(w.IntN(3)-1) * time.Hour
	case k < 68:
		w.isolate(n)
	case k < 80:
		w.cutOneWay(n)
	case k < 94:
		w.handOver(g)
	default:
		if g.settled() {
			g.remove(h)
		}
	}
}

func (w *world) cutPower(n *node) {
	for _, h := range n.hosts {
		if h.up {
			w.count(NodeCrash)
			n.crash(w)
			return
		}
	}
}

// cutPowerWithin cuts the power of a replica's node when it next does something to a certain kind of file.
func (h *host) cutPowerWithin() {
	if !h.up {
		return
	}
	ops := []vfs.Op{vfs.OpWrite, vfs.OpSync, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpTruncate}
	paths := []string{"*.wal", "*.wal", "*.wal", "*.snapshot*", "*.incoming"}
	w := h.w
	rule := &vfs.Rule{On: ops[w.IntN(len(ops))], Path: paths[w.IntN(len(paths))], Skip: w.IntN(6), Times: 1, Err: errPower}
	disk, seed, partly := h.disk, w.Uint64(), w.chance(50)
	rule.Before = func() {
		if h.left = disk.CrashKeeping(seed); !partly {
			h.left = disk.Crash()
		}
		h.cut = true
	}
	h.rules.Add(rule)
}

func (w *world) cleanStop(n *node) {
	w.count(CleanStop)
	for _, h := range n.hosts {
		if h.up {
			h.stop(h.disk)
		}
	}
	w.after(w.upTo(300*time.Millisecond), n.restart)
}

func (w *world) loseDisk(h *host) {
	if !h.group.settled() {
		return
	}
	w.count(LostDisk)
	h.stop(h.disk)
	h.lost = true
	w.after(50*time.Millisecond+w.upTo(500*time.Millisecond), h.renew)
}

func (w *world) isolate(n *node) {
	w.count(Partition)
	for _, other := range w.nodes {
		w.net.cut[n.number][other.number], w.net.cut[other.number][n.number] = true, true
	}
	w.net.cut[n.number][n.number] = false
	w.after(50*time.Millisecond+w.upTo(1500*time.Millisecond), func() {
		for _, other := range w.nodes {
			w.net.cut[n.number][other.number], w.net.cut[other.number][n.number] = false, false
		}
	})
}

func (w *world) cutOneWay(from *node) {
	to := w.nodes[w.IntN(len(w.nodes))]
	if to == from {
		return
	}
	w.count(OneWay)
	w.net.cut[from.number][to.number] = true
	w.after(50*time.Millisecond+w.upTo(1500*time.Millisecond), func() { w.net.cut[from.number][to.number] = false })
}

func (w *world) handOver(g *group) {
	if h := g.leader(); h != nil {
		w.count(HandOver)
		h.replica.Give(0)
		h.kick()
	}
}
