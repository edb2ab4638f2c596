package peer

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkMessageLatency sends a heartbeat each 3 ms and measures how long it takes from Send to Message.
func BenchmarkMessageLatency(b *testing.B) {
	one, two := newRecorder(), newRecorder()
	begin := time.Now()
	arrived := make(chan time.Duration, 1)
	two.message = func(_ Node, _ uint32, m []byte) {
		arrived <- time.Since(begin) - time.Duration(binary.LittleEndian.Uint64(m))
	}
	m1, _ := pair(b, one, two, 0)
	message := make([]byte, 64)
	var took []time.Duration
	for b.Loop() {
		time.Sleep(3 * time.Millisecond)
		binary.LittleEndian.PutUint64(message, uint64(time.Since(begin)))
		m1.Send(2, 1, message)
		took = append(took, <-arrived)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMessages sends as fast as the queue takes messages.
func BenchmarkMessages(b *testing.B) {
	for _, size := range []int{64, 16 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			one, two := newRecorder(), newRecorder()
			var arrived atomic.Int64
			two.message = func(Node, uint32, []byte) { arrived.Add(1) }
			m1, _ := pair(b, one, two, 0)
			message := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var sent int64
			for b.Loop() {
				for !m1.Send(2, 1, message) {
					time.Sleep(100 * time.Microsecond)
				}
				sent++
			}
			for arrived.Load() < sent {
				time.Sleep(100 * time.Microsecond)
			}
		})
	}
}

// BenchmarkCalls calls with 100 bytes and gets 100 bytes, from so many goroutines.
func BenchmarkCalls(b *testing.B) {
	for _, callers := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			one, two := newRecorder(), newRecorder()
			two.call = func(_ context.Context, _ Node, _ uint32, _ uint8, request []byte) ([]byte, error) {
				return request, nil
			}
			m1, _ := pair(b, one, two, 0)
			request := make([]byte, 100)
			b.ReportAllocs()
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := m1.Call(context.Background(), 2, 1, 1, request); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}
