package gateway

import (
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/signature"
)

const (
	sessionLife = 24 * time.Hour
	keyLife     = 365 * 24 * time.Hour
)

func (c *call) register() *api.Problem {
	req, p := decode[api.Register](&c.scan, c.body)
	if p != nil {
		return p
	}
	if !nameOK(req.Name) {
		return api.RejectProblem(exchange.RejectNameInvalid, 0, "name")
	}
	if p := passwordText.check("password", req.Password); p != nil {
		return p
	}
	var key exchange.Key
	if c.key != "" {
		key = deriveKey(scopeAnonymous, 0, 0, req.Name+"\x00"+c.key)
	}
	hash, p := c.hashPassword(req.Password, 0, key)
	if p != nil {
		return p
	}
	r, p := c.do(&exchange.Register{Key: key, Name: req.Name, PasswordHash: hash})
	if p != nil {
		return p
	}
	return c.answer(api.RegisterAnswer{Receipt: receipt(r), Account: api.ID(r.ID), Name: req.Name})
}

// hashPassword hashes a password. A retry with the same key gets the same salt, and so is the same command.
func (c *call) hashPassword(password string, account exchange.AccountID, key exchange.Key) (string, *api.Problem) {
	if !c.s.passwords.enter(c.r.Context()) {
		return "", api.CodeOverloaded.Problem("", "")
	}
	defer c.s.passwords.leave()
	return c.s.passwords.hash(password, c.s.derived("password salt", account, key)[:saltLen]), nil
}

// login answers an unknown name like a wrong password, and takes as long.
func (c *call) login() *api.Problem {
	req, p := decode[api.Login](&c.scan, c.body)
	if p != nil {
		return p
	}
	account, p := c.checkPassword(req.Name, req.Password)
	if p != nil {
		return p
	}
	c.who.Account = account
	return c.grant("session", &exchange.CreateCredential{
		Account: account, Key: c.coreKey(), Permissions: exchange.PermRead | exchange.PermTrade, Session: true,
	}, sessionLife)
}

func (c *call) checkPassword(name, password string) (exchange.AccountID, *api.Problem) {
	a, found := c.s.reader.AccountByName(name)
	if !found { // it may have been registered a moment ago
		if p := c.catchUp(); p != nil {
			return 0, p
		}
		a, found = c.s.reader.AccountByName(name)
	}
	same, p := c.verifyPassword(password, a.PasswordHash)
	if p == nil && (!found || !same) {
		p = api.CodeLoginFailed.Problem("", "")
	}
	return a.ID, p
}

func (c *call) verifyPassword(password, hash string) (bool, *api.Problem) {
	if !c.s.passwords.enter(c.r.Context()) {
		return false, api.CodeOverloaded.Problem("", "")
	}
	defer c.s.passwords.leave()
	return c.s.passwords.verify(password, hash), nil
}

// setPassword needs the current password. A retry comes when the new one is in force already, so that does as well.
func (c *call) setPassword() *api.Problem {
	req, p := decode[api.SetPassword](&c.scan, c.body)
	if p != nil {
		return p
	}
	if p := passwordText.check("new", req.New); p != nil {
		return p
	}
	a, _ := c.s.reader.Account(c.who.Account)
	same, p := c.verifyPassword(req.Current, a.PasswordHash)
	if p == nil && !same {
		same, p = c.verifyPassword(req.New, a.PasswordHash)
	}
	if p != nil {
		return p
	}
	if !same {
		return api.CodeLoginFailed.Problem("current", "The current password is wrong.")
	}
	key := c.coreKey()
	hash, p := c.hashPassword(req.New, c.who.Account, key)
	if p != nil {
		return p
	}
	answered, p := c.do(&exchange.SetPassword{Account: c.who.Account, Key: key, PasswordHash: hash})
	if p != nil {
		return p
	}
	r := *answered
	last, p := c.endOtherSessions(r.Seq)
	if p != nil {
		return p
	}
	if p := c.wait(last); p != nil { // the old password must not work after the answer
		return p
	}
	c.seq = r.Seq
	return c.answer(api.AccountAnswer{Receipt: receipt(&r), Account: api.ID(c.who.Account), Version: r.Version})
}

// endOtherSessions ends all sessions of the account but the one that this request carries, and returns the seq of that. Rules
// that do not know how leave them.
func (c *call) endOtherSessions(before exchange.Seq) (exchange.Seq, *api.Problem) {
	if c.s.reader.Rules() < exchange.GuardRules {
		return before, nil
	}
	key := c.keyForRetries()
	if c.key != "" {
		key = deriveKey(scopeSessions, c.who.Account, 0, c.key)
	}
	r, p := c.do(&exchange.EndSessions{Account: c.who.Account, Key: key, Keep: c.who.ID})
	if p != nil {
		return 0, p
	}
	return r.Seq, nil
}

func (c *call) logout() *api.Problem { return c.revoke(c.who.Account, c.who.ID) }

func (c *call) createKey() *api.Problem {
	if c.who.Permissions&exchange.PermTrade == 0 {
		return api.CodeForbidden.Problem("Authorization", "")
	}
	return c.createKeyFor(c.who.Account, false)
}

// createOperatorKey makes a key for any account. One that permits administration is made with the admin key alone: who has such a key
// cannot make another.
func (c *call) createOperatorKey(account exchange.AccountID) *api.Problem {
	return c.createKeyFor(account, c.root)
}

func (c *call) createKeyFor(account exchange.AccountID, mayAdmin bool) *api.Problem {
	req, p := decode[api.CreateKey](&c.scan, c.body)
	if p != nil {
		return p
	}
	if p := labelText.check("label", req.Label); p != nil {
		return p
	}
	permissions, p := readPermissions(req.Permissions)
	if p != nil {
		return p
	}
	if permissions&exchange.PermAdmin != 0 && c.endpoint.Listener == api.Public {
		return api.CodeInvalidField.Problem("permissions", "permissions are read and trade.")
	}
	if permissions&exchange.PermAdmin != 0 && !mayAdmin {
		return api.CodeForbidden.Problem("permissions", "Keys for operators are made on the operator's API with the admin key itself.")
	}
	cmd := exchange.CreateCredential{
		Account: account, Key: c.coreKey(), Permissions: permissions, ExpireAt: exchange.Time(req.ExpiresAt), Label: req.Label,
	}
	if p := c.readAttributes(req, &cmd); p != nil {
		return p
	}
	return c.grant("key", &cmd, keyLife)
}

// readAttributes reads what a key has since version 4 of the rules.
func (c *call) readAttributes(req *api.CreateKey, cmd *exchange.CreateCredential) (p *api.Problem) {
	if req.Tier != "" {
		if cmd.Tier, p = readTier(req.Tier); p != nil {
			return p
		}
	}
	if cmd.Addresses, p = readAddresses(req.Addresses); p != nil {
		return p
	}
	if req.PublicKey != "" {
		key, ok := signature.ParseKey(req.PublicKey)
		if !ok {
			return api.CodeInvalidField.Problem("public_key", "public_key must be an Ed25519 public key: 43 characters of base64url without padding.")
		}
		cmd.Scheme, cmd.Hash = exchange.SchemeEd25519, signature.Hash(key)
	}
	if cmd.Tier != 0 || cmd.Scheme != 0 || cmd.Addresses != "" {
		return c.needRules(exchange.GuardRules)
	}
	return nil
}

func readPermissions(words []string) (exchange.Permission, *api.Problem) {
	if words == nil {
		return exchange.PermRead | exchange.PermTrade, nil
	}
	var all exchange.Permission
	for _, w := range words {
		switch w {
		case api.PermissionRead:
			all |= exchange.PermRead
		case api.PermissionTrade:
			all |= exchange.PermRead | exchange.PermTrade
		case api.PermissionAdmin:
			all |= exchange.PermAdmin
		default:
			return 0, api.CodeInvalidField.Problem("permissions", "permissions are read, trade and admin.")
		}
	}
	if all == 0 {
		return 0, api.CodeInvalidField.Problem("permissions", "permissions must not be empty.")
	}
	return all, nil
}

func permissionWords(p exchange.Permission) []string {
	words := []string{}
	if p&exchange.PermRead != 0 {
		words = append(words, api.PermissionRead)
	}
	if p&exchange.PermTrade != 0 {
		words = append(words, api.PermissionTrade)
	}
	if p&exchange.PermAdmin != 0 {
		words = append(words, api.PermissionAdmin)
	}
	return words
}

func (c *call) revokeKey() *api.Problem { return c.revokeKeyOf(c.who.Account) }

func (c *call) revokeKeyOf(account exchange.AccountID) *api.Problem {
	id, p := c.pathID("key", 1<<32-1, exchange.RejectCredentialNotFound)
	if p != nil {
		return p
	}
	return c.revoke(account, exchange.CredentialID(id))
}

// revoke answers when the credential has stopped working here.
func (c *call) revoke(account exchange.AccountID, id exchange.CredentialID) *api.Problem {
	r, p := c.do(&exchange.RevokeCredential{Account: account, Key: c.coreKey(), Credential: id})
	if p != nil {
		return p
	}
	if p := c.wait(r.Seq); p != nil {
		return p
	}
	return c.answer(api.KeyRevoked{Receipt: receipt(r), Key: api.ID(id)})
}
