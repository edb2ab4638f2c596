package top

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Watcher takes samples again and again. It is for one goroutine.
type Watcher struct {
	nodes     []Node
	before    Sample
	questions map[string]string // of markets, by id
}

// NewWatcher returns a Watcher of some nodes, whose clients may have the operator's key: then it shows what markets are about.
func NewWatcher(nodes []Node) *Watcher { return &Watcher{nodes: nodes, questions: map[string]string{}} }

// Look takes a sample and makes a board of what has happened since the last one.
func (w *Watcher) Look(ctx context.Context) (*Board, error) {
	now, err := Take(ctx, w.nodes)
	if err != nil {
		return nil, err
	}
	b := NewBoard(&w.before, &now)
	w.before = now
	for i := range b.Markets {
		b.Markets[i].Question = w.question(ctx, &now, b.Markets[i].Market)
	}
	return b, nil
}

// question returns what a market is about, "" if nobody tells. Markets are asked for once.
func (w *Watcher) question(ctx context.Context, now *Sample, market string) string {
	q, asked := w.questions[market]
	for i := 0; !asked && i < len(w.nodes); i++ {
		if now.Nodes[i].Err != nil {
			continue
		}
		var m api.MarketInfo
		path := fmt.Sprintf("/api/admin/markets/%s", market)
		if err := w.nodes[i].Client.Do(ctx, client.Request{Method: http.MethodGet, Path: path}, &m); err != nil {
			continue
		}
		q, asked = m.Question, true
		w.questions[market] = q
	}
	return q
}

// Once looks twice, some time apart, and returns the board of what happened in between.
func (w *Watcher) Once(ctx context.Context, apart time.Duration) (*Board, error) {
	if _, err := w.Look(ctx); err != nil {
		return nil, err
	}
	select {
	case <-time.After(apart):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return w.Look(ctx)
}
