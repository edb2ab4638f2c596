package projection

import "github.com/hustings/hustings/exchange"

func (v *View) marketEvent(event exchange.Event) *InconsistencyError {
	if e, ok := event.(*exchange.MarketCreated); ok {
		return v.marketCreated(e)
	}
	_, id, _ := subject(event)
	m := v.marketOf(id)
	if m == nil {
		return broken("there is no such market").withMarket(id)
	}
	fault := v.changeMarket(id, m, event)
	if fault != nil {
		fault.Market = id
	}
	return fault
}

func (v *View) changeMarket(id exchange.MarketID, m *market, event exchange.Event) *InconsistencyError {
	switch e := event.(type) {
	case *exchange.PayoutIssued:
		return v.payoutIssued(m, e)
	case *exchange.RefundIssued:
		return v.refundIssued(m, e)
	case *exchange.MarketUpdated:
		return v.marketUpdated(id, m, e)
	case *exchange.MarketSuspended:
		return v.become(id, m, exchange.StateSuspended, e.Version, exchange.StateOpen)
	case *exchange.MarketResumed:
		return v.become(id, m, exchange.StateOpen, e.Version, exchange.StateSuspended)
	case *exchange.MarketClosed:
		return v.become(id, m, exchange.StateClosed, e.Version, exchange.StateOpen, exchange.StateSuspended)
	case *exchange.MarketResolved:
		return v.marketResolved(id, m, e)
	case *exchange.MarketVoided:
		m.end().VoidReason, m.end().voidedAt = e.Reason, v.now
		return v.become(id, m, exchange.StateVoiding, e.Version,
			exchange.StateOpen, exchange.StateSuspended, exchange.StateClosed, exchange.StateResolved)
	case *exchange.MarketSettled:
		return v.marketSettled(id, m, e)
	case *exchange.MarketHalted:
		m.halted = true
		m.end().HaltDetail, m.end().HaltedBy = e.Detail, exchange.Invariant(e.Invariant)
		return m.nextVersion(e.Version)
	case *exchange.MarketOrdersCancelled:
		return m.nextVersion(e.Version)
	}
	return broken("an event of kind %d is not known here", event.EventKind())
}

func (m *market) nextVersion(version uint32) *InconsistencyError {
	if version != m.version+1 {
		return broken("version %d follows version %d of the market", version, m.version)
	}
	m.version = version
	return nil
}

// become changes the market's state, which must be one of the given ones.
func (v *View) become(id exchange.MarketID, m *market, state exchange.MarketState, version uint32, from ...exchange.MarketState) *InconsistencyError {
	for _, s := range from {
		if s == m.state {
			v.touch(id, m)
			m.state = state
			return m.nextVersion(version)
		}
	}
	return broken("the market goes from %v to %v", m.state, state)
}

func (v *View) marketUpdated(id exchange.MarketID, m *market, e *exchange.MarketUpdated) *InconsistencyError {
	if !v.alone && e.Question != m.question {
		v.words.remove(uint32(id), m)
		m.question = e.Question
		v.words.add(uint32(id), m)
	}
	v.touch(id, m)
	m.question, m.rules, m.closeAt = e.Question, e.Rules, e.CloseAt
	return m.nextVersion(e.Version)
}

func (v *View) marketResolved(id exchange.MarketID, m *market, e *exchange.MarketResolved) *InconsistencyError {
	if len(e.Values) != int(m.bookCount) {
		return broken("%d values for %d books", len(e.Values), m.bookCount)
	}
	for i, value := range e.Values {
		if value > exchange.One {
			return broken("outcome %d pays %v", i, value)
		}
		v.bookAt(m, exchange.Outcome(i)).value = value
	}
	end := m.end()
	end.Source, end.Evidence, end.payAfter = e.Source, e.Evidence, e.PayAfter
	return v.become(id, m, exchange.StateResolved, e.Version,
		exchange.StateOpen, exchange.StateSuspended, exchange.StateClosed, exchange.StateResolved)
}

// payoutIssued pays a position out of the escrow.
func (v *View) payoutIssued(m *market, e *exchange.PayoutIssued) *InconsistencyError {
	a := v.accountOf(e.Account)
	p := v.position(e.Account, e.Market, e.Outcome)
	switch {
	case a == nil:
		return noAccount(e.Account)
	case m.state != exchange.StateResolved || v.now < m.paysAfter():
		return broken("the market is %v, and pays from %d on", m.state, m.paysAfter())
	case p == nil || p.yes != e.Yes || p.no != e.No:
		return broken("its position is not %d yes and %d no", e.Yes, e.No)
	case p.reservedYes != 0 || p.reservedNo != 0:
		return broken("orders still reserve a part of its position")
	}
	b := v.bookAt(m, e.Outcome)
	if amount := exchange.Cost(b.value, e.Yes) + exchange.Cost(b.value.Complement(), e.No); e.Amount != amount {
		return broken("its position pays %v, not %v", amount, e.Amount)
	}
	p.paid -= e.Amount
	v.take(b, p)
	v.addEscrow(m, -e.Amount)
	return v.pay(e.Account, a, e.Amount, e.Cash)
}

// refundIssued reverses all that an account did in a voided market.
func (v *View) refundIssued(m *market, e *exchange.RefundIssued) *InconsistencyError {
	a := v.accountOf(e.Account)
	if a == nil {
		return noAccount(e.Account)
	}
	if m.state != exchange.StateVoiding {
		return broken("the market is %v", m.state)
	}
	net, fault := v.forfeit(e.Account, e.Market, m)
	switch {
	case fault != nil:
		return fault
	case e.Amount != net:
		return broken("it paid %v net, and %v is refunded", net, e.Amount)
	case e.Fees < 0 || e.Fees > m.fees || e.Fees > max(0, e.Amount):
		return broken("%v of the refund of %v come from fees of %v", e.Fees, e.Amount, m.fees)
	case e.Receivable != max(0, -e.Amount-a.cash) && !v.alone:
		return broken("it owes %v after a refund of %v with cash of %v", e.Receivable, e.Amount, a.cash)
	}
	v.addFees(m, -e.Fees)
	v.addEscrow(m, e.Fees-e.Amount)
	a.receivable += e.Receivable
	v.total.Receivables += e.Receivable
	return v.pay(e.Account, a, e.Amount+e.Receivable, e.Cash)
}

// forfeit takes in all that an account has in a voided market, and returns what it paid for it.
func (v *View) forfeit(account exchange.AccountID, id exchange.MarketID, m *market) (net exchange.Money, fault *InconsistencyError) {
	for i := range exchange.Outcome(m.bookCount) {
		p := v.position(account, id, i)
		if p == nil {
			continue
		}
		if p.reservedYes != 0 || p.reservedNo != 0 {
			return 0, broken("orders still reserve a part of its position")
		}
		net += p.paid
		p.paid = 0
		v.take(v.bookAt(m, i), p)
	}
	return net, nil
}

// forfeitUnrefunded takes in the contracts of an account that has paid as much in a voided market as it has received:
// of it no refund is issued.
func (v *View) forfeitUnrefunded(p *position) *InconsistencyError {
	m := v.markets.at(uint32(p.market))
	if m.state != exchange.StateVoiding {
		return nil
	}
	net, fault := v.forfeit(p.account, p.market, m)
	if fault == nil && net != 0 {
		fault = broken("it paid %v net, which is not refunded", net)
	}
	return fault
}

func (v *View) marketSettled(id exchange.MarketID, m *market, e *exchange.MarketSettled) *InconsistencyError {
	from, to := exchange.StateResolved, exchange.StateSettled
	if e.Void {
		from, to = exchange.StateVoiding, exchange.StateVoided
	}
	if fault := v.become(id, m, to, e.Version, from); fault != nil {
		return fault
	}
	switch {
	case m.escrow != 0:
		return broken("its escrow is %v when everything is paid", m.escrow)
	case e.Fees != m.fees:
		return broken("its fees are %v, not %v", m.fees, e.Fees)
	case m.openOrders != 0:
		return broken("it has %d open orders", m.openOrders)
	}
	for i := range exchange.Outcome(m.bookCount) {
		if b := v.bookAt(m, i); b.yes != 0 || b.no != 0 {
			return broken("%d yes and %d no of outcome %d are not paid", b.yes, b.no, i)
		}
	}
	v.addFees(m, -e.Fees)
	v.total.HouseFees += e.Fees
	v.leaving = append(v.leaving, uint32(id))
	return nil
}
