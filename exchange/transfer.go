package exchange

// ShardID names a shard. Ids are dense from 1, and 1 is home: there accounts are registered, and money comes in and out.
type ShardID uint16

// HomeShard is where every account begins.
const HomeShard ShardID = 1

// MaxAccounts and MaxMarkets bound the ids that a shard can be told, because it has a record for each id below its
// greatest one.
const (
	MaxAccounts AccountID = 1 << 24
	MaxMarkets  MarketID  = 1 << 24
)

// Transfer is cash of an account on its way to its account of the same id on another shard. From the sender's side each
// other shard has transfers numbered 1, 2, 3, …
type Transfer struct {
	To      ShardID
	Number  uint64
	Account AccountID
	Amount  Money
}

// SendTransfer takes free cash of an account into the outbox. The Reply's ID is the transfer's number and its Cost the
// amount.
type SendTransfer struct {
	Account AccountID
	Key     Key
	To      ShardID
	Amount  Money
}

// ReceiveTransfer credits a transfer, and makes the account if this is the first that the shard hears of it. Instead of
// a key it has the number, which must be the one after the last: a greater one is refused, and a smaller one has been
// credited and is accepted without effect. The Reply's ID is the number; its Cost is the amount, or 0 where it had been
// credited before.
type ReceiveTransfer struct {
	From    ShardID
	Number  uint64
	Account AccountID
	Amount  Money
}

// ReleaseTransfer takes the oldest transfer to a shard, which that shard has credited, out of the outbox. As with
// ReceiveTransfer, a number that was released before is accepted without effect, with a Cost of 0.
type ReleaseTransfer struct {
	To     ShardID
	Number uint64
}

// CommandKind implements Command.
func (*SendTransfer) CommandKind() CommandKind    { return KindSendTransfer }
func (*ReceiveTransfer) CommandKind() CommandKind { return KindReceiveTransfer }
func (*ReleaseTransfer) CommandKind() CommandKind { return KindReleaseTransfer }

// TransferSent says that cash of an account is on its way to another shard.
type TransferSent struct {
	Account AccountID
	To      ShardID
	Number  uint64
	Amount  Money
	Cash    Money
}

// TransferReceived says that a transfer from another shard was credited. An account that the shard did not have exists
// from now on, without a name. Repaid of the amount went to the house, for a receivable of an earlier void.
type TransferReceived struct {
	Account AccountID
	From    ShardID
	Number  uint64
	Amount  Money
	Repaid  Money
	Cash    Money
}

// TransferReleased says that the other shard has what was sent to it.
type TransferReleased struct {
	To     ShardID
	Number uint64
	Amount Money
}

// EventKind implements Event.
func (*TransferSent) EventKind() EventKind     { return KindTransferSent }
func (*TransferReceived) EventKind() EventKind { return KindTransferReceived }
func (*TransferReleased) EventKind() EventKind { return KindTransferReleased }
