package router

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
)

// A request is the number of commands, u32, and their frames. Where a trace is followed, the number has its highest bit set, and 25 bytes
// follow that say which (package tracing); an earlier version refuses that as too many commands, and submits nothing. An answer is a
// reply for each command:
//
//	Seq u64 │ time i64 │ ID u64 │ cost i64 │ fees i64 │ filled u32 │ remaining u32 │ version u32 │ code u16
const (
	requestHead = 4
	traced      = 1 << 31
	replySize   = 5*8 + 3*4 + 2
)

var le = binary.LittleEndian

// Request returns the bytes that ask another node to submit n commands, within the trace that tracing.Carry has told of; nil: none.
// A node that does not know traces refuses it with replica.ErrNotSubmitted.
func Request(commands []byte, n int, trace []byte) []byte {
	b := make([]byte, requestHead, requestHead+len(trace)+len(commands))
	le.PutUint32(b, uint32(n))
	if len(trace) == tracing.CarriedSize {
		b[3] |= traced >> 24
		b = append(b, trace...)
	}
	return append(b, commands...)
}

// read takes a request apart.
func read(request []byte) (commands []byte, n int, trace []byte, err error) {
	head := requestHead
	if len(request) >= head && le.Uint32(request)&traced != 0 {
		head += tracing.CarriedSize
	}
	if len(request) < head || le.Uint32(request)&^traced > maxCommands {
		return nil, 0, nil, fmt.Errorf("a request of %d bytes is malformed: %w", len(request), replica.ErrNotSubmitted)
	}
	return request[head:], int(le.Uint32(request) &^ traced), request[requestHead:head], nil
}

// maxCommands bounds what a request makes room for. More do not fit into an entry of the log.
const maxCommands = 1 << 16

// Serve submits a request of another node's router to the replica here, and returns the answer. It never passes it on. T goes on following
// what is followed there.
func Serve(ctx context.Context, local Local, request []byte, t *tracing.Tracer) ([]byte, error) {
	commands, n, trace, err := read(request)
	if err != nil {
		return nil, err
	}
	ctx, span := t.Continue(ctx, trace, "leader")
	defer span.End()
	replies := make([]exchange.Reply, n)
	if err := local.Submit(ctx, commands, n, replies); err != nil {
		return nil, err
	}
	answer := make([]byte, 0, replySize*len(replies))
	for i := range replies {
		answer = appendReply(answer, &replies[i])
	}
	return answer, nil
}

func appendReply(b []byte, r *exchange.Reply) []byte {
	for _, v := range [...]uint64{uint64(r.Seq), uint64(r.Time), r.ID, uint64(r.Cost), uint64(r.Fees)} {
		b = le.AppendUint64(b, v)
	}
	for _, v := range [...]uint32{uint32(r.Filled), uint32(r.Remaining), r.Version} {
		b = le.AppendUint32(b, v)
	}
	return le.AppendUint16(b, uint16(r.Code))
}

var errAnswer = errors.New("another node's answer is malformed")

func readAnswer(b []byte, replies []exchange.Reply) error {
	if len(b) != replySize*len(replies) {
		return errAnswer
	}
	for i := range replies {
		replies[i] = exchange.Reply{
			Seq: exchange.Seq(le.Uint64(b)), Time: exchange.Time(le.Uint64(b[8:])), ID: le.Uint64(b[16:]),
			Cost: exchange.Money(le.Uint64(b[24:])), Fees: exchange.Money(le.Uint64(b[32:])),
			Filled: exchange.Quantity(le.Uint32(b[40:])), Remaining: exchange.Quantity(le.Uint32(b[44:])),
			Version: le.Uint32(b[48:]), Code: exchange.Reject(le.Uint16(b[52:])),
		}
		b = b[replySize:]
	}
	return nil
}

// Codes by which one node tells another why a request failed. Whatever is not among them may have taken effect.
const (
	CodeNotLeader uint8 = iota + 1
	CodeOverloaded
	CodeNotSubmitted
)

// Code returns the code of an error of Serve, or 0.
func Code(err error) uint8 {
	switch {
	case errors.Is(err, replica.ErrNotLeader):
		return CodeNotLeader
	case errors.Is(err, replica.ErrOverloaded):
		return CodeOverloaded
	case errors.Is(err, replica.ErrNotSubmitted):
		return CodeNotSubmitted
	}
	return 0
}

// Error returns the error that has a code.
func Error(code uint8, text string) error {
	switch code {
	case CodeNotLeader:
		return fmt.Errorf("%s: %w", text, replica.ErrNotLeader)
	case CodeOverloaded:
		return fmt.Errorf("%s: %w", text, replica.ErrOverloaded)
	case CodeNotSubmitted:
		return fmt.Errorf("%s: %w", text, replica.ErrNotSubmitted)
	}
	return errors.New(text)
}
