package failover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Trial is one loss of a leader.
type Trial struct {
	Leader, Next int           // nodes
	Gap          time.Duration // longest without an acknowledgement to clients of the other nodes
	Quiet        time.Duration // the same in a tenth of a second before the fault
	Phases       Phases
}

// Phases are moments after the fault, 0 where they are not known.
type Phases struct {
	Stopped time.Duration // the last acknowledgement before the gap, negative if it came before the fault
	Stood   time.Duration // a follower stood for election
	Elected time.Duration // a new leader was there
	Resumed time.Duration // the first acknowledgement after the gap
}

func (r *run) trial(ctx context.Context) (t Trial, err error) {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	if t.Leader, err = r.Cluster.Leader(ctx); err != nil {
		return t, err
	}
	t.Next = t.Leader%len(r.Public) + 1
	logs, err := MarkLogs(r.Cluster.Nodes())
	if err != nil {
		return t, err
	}
	index := t.Leader - 1
	r.setFaulty(index)
	but := index
	if r.How == HandOver { // nobody is lost
		r.setFaulty(-1)
		but = -1
	}
	fault := time.Now()
	if err := r.fault(ctx, &t); err != nil {
		return t, err
	}
	g, err := r.awaitGap(ctx, fault, but, func() (Phases, error) { return logs.phases(fault) })
	if err != nil {
		return t, err
	}
	quiet, _ := r.longestGap(fault.Add(-calm), fault.Add(-calm/10), but)
	t.Gap, t.Quiet = g.to.Sub(g.from), quiet.to.Sub(quiet.from)
	if t.Phases, err = logs.phases(fault); err != nil {
		return t, err
	}
	t.Phases.Stopped, t.Phases.Resumed = g.from.Sub(fault), g.to.Sub(fault)
	if err := r.mend(ctx, &t, fault); err != nil {
		return t, err
	}
	r.setFaulty(-1)
	return t, nil
}

func (r *run) fault(ctx context.Context, t *Trial) error {
	switch r.How {
	case Kill:
		return r.Cluster.Kill(t.Leader)
	case Stop:
		return r.Cluster.Stop(t.Leader)
	case HandOver:
		admin, err := r.Cluster.Admin(t.Next)
		if err != nil {
			return err
		}
		defer admin.Close()
		_, err = admin.HandOver(ctx, uint16(t.Next))
		return err
	}
	return fmt.Errorf("%q is no fault", r.How)
}

// awaitGap waits until the gap is over for sure.
func (r *run) awaitGap(ctx context.Context, fault time.Time, but int, phases func() (Phases, error)) (gap, error) {
	for {
		if err := r.load.Pause(ctx, 2*watched); err != nil {
			return gap{}, fmt.Errorf("waiting for acknowledgements after the fault: %w", err)
		}
		p, err := phases()
		if err != nil {
			return gap{}, err
		}
		if p.Elected == 0 {
			continue
		}
		if g, ok := r.longestGap(fault, fault.Add(p.Elected+watched), but); ok {
			return g, nil
		}
	}
}

// mend brings the lost node back and waits until the cluster is well.
func (r *run) mend(ctx context.Context, t *Trial, fault time.Time) error {
	switch r.How {
	case Kill:
		if err := r.Cluster.Restart(t.Leader); err != nil {
			return err
		}
	case Stop:
		if err := r.load.Pause(ctx, time.Until(fault.Add(frozen))); err != nil {
			return err
		}
		if err := r.Cluster.Continue(t.Leader); err != nil {
			return err
		}
	}
	if err := r.Cluster.Node(t.Leader).Wait(ctx); err != nil {
		return err
	}
	for {
		status, err := r.Cluster.Status(ctx)
		if err == nil && status.Health == api.HealthHealthy {
			t.Next = int(status.Shards[0].Leader)
			return nil
		}
		var refused *client.Error
		if err != nil && !errors.As(err, &refused) && ctx.Err() != nil {
			return err
		}
		if err := r.load.Pause(ctx, watched); err != nil {
			return fmt.Errorf("waiting until node %d has caught up: %w", t.Leader, err)
		}
	}
}
