package shard_test

import "github.com/hustings/hustings/exchange"

// parse turns a line into commands: one, but for a deposit to an account that has to be registered first.
func (s *stage) parse(line string) ([]request, error) {
	w := split(line)
	var all []request
	if verb := w.next(); verb == "deposit" {
		all = s.parseDeposit(w)
	} else if verb == "shard" {
		all = []request{s.parseCourier(w)}
	} else if verb == "root" {
		all = []request{{cmd: s.parseTwo(0, w.next(), w)}}
	} else if r, ok := s.parseOperator(verb, w); ok {
		all = []request{r}
	} else {
		all = []request{{cmd: s.parseTrader(s.account(w, verb), w)}}
	}
	if w.err == nil && !w.empty() {
		w.fail("%q is not understood", w.rest[0])
	}
	if w.err != nil {
		return nil, w.err
	}
	s.rememberOrders(all)
	return all, nil
}

// rememberOrders notes in which market an order is, so that later lines need not say it.
func (s *stage) rememberOrders(all []request) {
	for i, r := range all {
		if c, ok := r.cmd.(*exchange.PlaceOrder); ok {
			all[i].accepted = func(reply exchange.Reply) { s.placedIn[exchange.OrderID(reply.ID).Number()] = c.Market }
		}
	}
}

// account finds an account by name; "nobody" names one that does not exist.
func (s *stage) account(w *words, name string) exchange.AccountID {
	id, ok := s.accounts[name]
	switch {
	case name == "nobody":
		return exchange.AccountID(len(s.people) + 1000)
	case !ok:
		w.fail("there is no account %q", name)
	}
	return id
}

func (s *stage) parseDeposit(w *words) []request {
	var all []request
	name := w.next()
	if _, ok := s.accounts[name]; !ok && name != "nobody" {
		r := s.registration(name)
		r.silent = true
		all = append(all, r)
		s.accounts[name] = exchange.AccountID(len(s.people)) // as it will be
	}
	c := &exchange.Deposit{Account: s.account(w, name), Amount: w.money()}
	for !w.empty() {
		switch {
		case w.is("key"):
			c.Key = w.key()
		case w.is("reference"):
			c.Reference = w.next()
		default:
			w.fail("%q is not understood", w.next())
		}
	}
	return append(all, request{cmd: c})
}

func (s *stage) registration(name string) request {
	return request{cmd: &exchange.Register{Name: name}, accepted: func(reply exchange.Reply) {
		s.accounts[name] = exchange.AccountID(reply.ID)
		s.people = append(s.people, name)
	}}
}

// parseTrader reads what comes after an account's name.
func (s *stage) parseTrader(who exchange.AccountID, w *words) exchange.Command {
	switch verb := w.next(); verb {
	case "buys", "sells":
		return s.parseOrder(who, verb, w)
	case "amends":
		return s.parseAmendment(who, w)
	case "cancels":
		return s.parseCancel(who, w)
	case "withdraws":
		c := &exchange.Withdraw{Account: who, Amount: w.money()}
		if w.is("key") {
			c.Key = w.key()
		}
		return c
	case "makes":
		return s.parseMaking(who, w)
	case "resets":
		return &exchange.ChangeGroup{Account: who, Group: parseGroup(w), Action: exchange.ResetGroup}
	case "triggers":
		return &exchange.ChangeGroup{Account: who, Group: parseGroup(w), Action: exchange.TriggerGroup}
	case "deletes":
		return &exchange.ChangeGroup{Account: who, Group: parseGroup(w), Action: exchange.DeleteGroup}
	case "revokes":
		return &exchange.RevokeCredential{Account: who, Credential: exchange.CredentialID(w.numbered("c"))}
	case "ends":
		w.must("sessions")
		c := &exchange.EndSessions{Account: who}
		if w.is("but") {
			c.Keep = exchange.CredentialID(w.numbered("c"))
		}
		return c
	case "sets":
		return parseSetting(who, w)
	case "proposes", "approves", "rejects":
		return s.parseTwo(who, verb, w)
	case "sends":
		return parseSending(who, w)
	default:
		w.fail("%q is not something that an account does", verb)
		return nil
	}
}

func parseGroup(w *words) exchange.GroupID { return exchange.GroupID(w.numbered("g")) }

func (s *stage) parseMaking(who exchange.AccountID, w *words) exchange.Command {
	if w.is("group") {
		c := &exchange.CreateGroup{Account: who, Limit: exchange.Quantity(w.number())}
		w.must("within")
		c.Window = w.span()
		return c
	}
	c := &exchange.CreateCredential{Account: who, Permissions: exchange.PermTrade}
	if c.Session = w.is("session"); !c.Session {
		w.must("credential")
	}
	copy(c.Hash[:], w.next())
	w.must("for")
	c.ExpireAt = s.now + exchange.Time(w.span())
	if w.is("tier") {
		c.Tier = parseTier(w)
	}
	if w.is("signing") {
		c.Scheme = exchange.SchemeEd25519
	}
	if w.is("from") {
		c.Addresses = w.next()
	}
	return c
}

func parseTier(w *words) exchange.Tier {
	word := w.next()
	for t := exchange.TierStandard; t.Known(); t++ {
		if t.String() == word {
			return t
		}
	}
	return exchange.Tier(200)
}

func parseSetting(who exchange.AccountID, w *words) exchange.Command {
	if w.is("password") {
		return &exchange.SetPassword{Account: who, PasswordHash: w.next()}
	}
	w.must("dead-man")
	if w.is("off") {
		return &exchange.SetDeadMan{Account: who}
	}
	return &exchange.SetDeadMan{Account: who, Timeout: w.span()}
}

func (s *stage) parseOrderName(w *words) (exchange.MarketID, exchange.OrderID) {
	number := w.numbered("o")
	market, ok := s.placedIn[number]
	if !ok && s.latest != nil {
		market = s.latest.id
	}
	return market, s.order(market, number)
}

func (s *stage) parseAmendment(who exchange.AccountID, w *words) exchange.Command {
	c := &exchange.AmendOrder{Account: who}
	c.Market, c.Order = s.parseOrderName(w)
	for !w.empty() {
		switch word := w.next(); word {
		case "to":
			c.Quantity = exchange.Quantity(w.number())
		case "at":
			c.Price = w.price()
		case "if-version":
			c.Version = uint32(w.number())
		case "key":
			c.Key = w.key()
		case "funds-elsewhere":
			c.FundsElsewhere = true
		default:
			w.fail("%q is not part of an amendment", word)
		}
	}
	return c
}

func (s *stage) parseCancel(who exchange.AccountID, w *words) exchange.Command {
	if !w.is("all") {
		c := &exchange.CancelOrder{Account: who}
		c.Market, c.Order = s.parseOrderName(w)
		for !w.empty() {
			if w.is("key") {
				c.Key = w.key()
			} else {
				w.must("in")
				c.Market = s.market(w).id
			}
		}
		return c
	}
	c := &exchange.MassCancel{Account: who}
	for !w.empty() {
		if w.is("in") {
			c.Market = s.market(w).id
		} else {
			w.must("group")
			c.Group = parseGroup(w)
		}
	}
	return c
}
