package exchange

// Reply is the answer to one command. A retry with the same idempotency key gets the same Reply, but for
// RejectFundsElsewhere, whose Cost is the cash that is missing (0 where the account is not known).
type Reply struct {
	Seq  Seq    // of the command's last event: a read that has seen it has seen the command's effects
	Time Time   // log time at which the command took effect
	ID   uint64 // of what was made or acted on: order, account, market, group, credential or transfer
	Cost Money  // orders: sum of price × quantity over the command's trades, in terms of Yes; transfers: what was moved

	Fees      Money    // orders: what the command's trades cost in fees
	Filled    Quantity // orders: contracts traded by this command
	Remaining Quantity // orders: contracts that rest after it; mass cancels: orders that will be cancelled, where known
	Version   uint32   // of the order, market or account after it
	Code      Reject   // Accepted, or why it was refused
}
