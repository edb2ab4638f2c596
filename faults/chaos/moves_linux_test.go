package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// moves counts how often markets were put on a shard, and how often one came there from another.
type moves struct{ asked, done int }

// moveAbout puts one market after the other on a shard, while they are traded and whatever else happens.
func (r *run) moveAbout(ctx context.Context) {
	random := rand.New(rand.NewPCG(r.seed, 4e6))
	for ctx.Err() == nil {
		if m, ok := r.grounds.pick(random).(*market); ok && r.put(ctx, m, random) == nil { // otherwise the run is over
			r.moved.asked++
		}
		time.Sleep(time.Duration(random.Int64N(int64(200 * time.Millisecond))))
	}
}

// put puts a market on a shard that takes some.
func (r *run) put(ctx context.Context, m *market, random *rand.Rand) error {
	r.shards.mu.RLock()
	defer r.shards.mu.RUnlock()
	all := r.shards.used()
	return r.operate(ctx, client.Request{Method: http.MethodPut, Path: "/api/admin/markets/" + m.id.String() + "/shard",
		Body: api.MoveMarket{Shard: uint32(all[random.IntN(len(all))])}}, nil)
}

// settleMoves waits until every market is where it was told to be.
func (r *run) settleMoves(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), healing)
	defer cancel()
	for {
		var status api.Shards
		err := r.operator[0].Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/admin/shards"}, &status)
		if err == nil && status.Leaving == 0 {
			return
		}
		if ctx.Err() != nil {
			r.log.violation("markets are not where they belong after %v: %+v, %v", healing, status, err)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
