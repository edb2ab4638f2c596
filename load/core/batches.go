package core

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/workload"
)

// accounts trade a stream: order i is that of account 1 + (i mod accounts).
const accounts = 997

// begin is the log time of the first batch, and batchTime how much later each one is.
const (
	begin     exchange.Time = 1_793_746_800e9
	batchTime exchange.Time = 1e6
)

func owner(id uint32) exchange.AccountID { return exchange.AccountID(1 + id%accounts) }

// encode makes the batches of records, the first of which has this index in its stream. Cancels name ids[record.ID].
func encode(records []workload.Record, index int, ids []exchange.OrderID, cfg *EngineConfig) [][]byte {
	batches := make([][]byte, 0, len(records)/cfg.Batch+1)
	for len(records) > 0 {
		n := min(cfg.Batch, len(records))
		now := begin + exchange.Time(index/cfg.Batch+1)*batchTime
		b := wire.AppendBatchHead(nil, now, n)
		for i, r := range records[:n] {
			b = appendRecord(b, r, index+i, ids, cfg.Keys)
		}
		batches = append(batches, b)
		records, index = records[n:], index+n
	}
	return batches
}

func appendRecord(b []byte, r workload.Record, index int, ids []exchange.OrderID, keys bool) []byte {
	var key exchange.Key
	if keys {
		key = keyOf(index)
	}
	if r.Kind == workload.Cancel {
		return wire.AppendCancelOrder(b, &exchange.CancelOrder{Account: owner(r.ID), Key: key, Market: 1, Order: ids[r.ID]})
	}
	return wire.AppendPlaceOrder(b, &exchange.PlaceOrder{Account: owner(r.ID), Key: key, Market: 1,
		Side: exchange.Side(r.Side), Price: exchange.Price(r.Tick), Quantity: exchange.Quantity(r.Quantity),
		SelfTrade: exchange.AllowSelfTrade})
}

// keyOf returns the key of a command, which looks random like those of a gateway.
func keyOf(index int) exchange.Key {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(index)))
	return exchange.Key(sum[:len(exchange.Key{})])
}

// open returns a shard with one market, and with accounts that are funded beyond need.
func open(cfg *EngineConfig) (*shard.Shard, *shard.Output, error) {
	commands := []exchange.Command{&exchange.CreateMarket{Spec: exchange.MarketSpec{
		Question:      "Will the stream be matched to the last contract?",
		Tick:          exchange.TickRule{Middle: 1},
		TakerFee:      cfg.TakerFee,
		MakerShare:    cfg.MakerShare,
		PositionLimit: exchange.MaxPosition,
		Flags:         exchange.SelfTradesAllowed,
	}}}
	for i := range accounts {
		commands = append(commands,
			&exchange.Register{Name: fmt.Sprintf("trader-%d", i+1)},
			&exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: exchange.MaxAmount})
	}
	sh, out := shard.New(), new(shard.Output)
	sh.Reserve(cfg.Reserve, cfg.Reserve)
	for _, command := range commands {
		b, err := wire.AppendCommand(wire.AppendBatchHead(nil, begin, 1), command)
		if err != nil {
			return nil, nil, fmt.Errorf("encoding a %T: %w", command, err)
		}
		if err := sh.Apply(b, out); err != nil {
			return nil, nil, fmt.Errorf("setting the market up: %w", err)
		}
		if code := out.Replies[0].Code; code != exchange.Accepted {
			return nil, nil, fmt.Errorf("setting the market up: a %T is refused: %s", command, code)
		}
	}
	return sh, out, nil
}
