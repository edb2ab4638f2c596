package exchange

// A group is at home on the shard that made it, the home shard, which is its authority. Another shard has a copy under the
// same id, from when one of the group's orders is first there. SetGroup brings what holds at home to a copy, CountGroup brings
// home what was filled on the shard of a copy. Both tell how things are, not what has changed, so that whoever carries them may
// forget, repeat and mix up what he carries.

// MaxGroups bounds the ids of groups that a shard can be told, because it has a record for each id below its greatest one.
const MaxGroups GroupID = 1 << 24

// MaxGroupFilled bounds how many contracts a CountGroup may name.
const MaxGroupFilled = 1 << 48

// GroupTerms are how a group is at home as of a version of it, or as a copy has heard.
type GroupTerms struct {
	Account   AccountID
	Group     GroupID
	Version   uint32 // 1 when made; grows when it is reset, triggered or deleted
	Cancelled uint32 // the version with which its orders were last cancelled; 0: none
	Limit     Quantity
	Window    Duration
	Triggered bool
	Deleted   bool
}

// Valid reports whether a group can be so. It does not look at the group's limit and window.
func (t *GroupTerms) Valid() bool {
	return t.Group != 0 && t.Version != 0 && t.Cancelled <= t.Version && (t.Triggered || !t.Deleted)
}

// SetGroup tells a copy how its group is at home, and makes the copy where there is none. A version that the copy has, or an
// older one, is accepted without effect. The Reply's ID is the group and its Version the copy's.
type SetGroup struct{ GroupTerms }

// CountGroup tells the home shard of a group how much was filled on another shard since this version of it is known there,
// and whether that triggered the copy. Of another version than the group's it is accepted without effect, and so is what it
// knows. The Reply's ID is the group and its Version the one at home.
type CountGroup struct {
	From      ShardID
	Account   AccountID
	Group     GroupID
	Version   uint32
	Filled    uint64 // contracts, up to MaxGroupFilled
	Triggered bool
}

// CommandKind implements Command.
func (*SetGroup) CommandKind() CommandKind   { return KindSetGroup }
func (*CountGroup) CommandKind() CommandKind { return KindCountGroup }

// GroupSet says how a group is at home, of which there is a copy here from now on. A new version of it has no fills yet. What
// was cancelled since the version that the copy had is doomed.
type GroupSet struct{ GroupTerms }

// GroupCounted says how much of a group was filled on another shard since its version.
type GroupCounted struct {
	Account AccountID
	Group   GroupID
	From    ShardID
	Filled  uint64
}

// EventKind implements Event.
func (*GroupSet) EventKind() EventKind     { return KindGroupSet }
func (*GroupCounted) EventKind() EventKind { return KindGroupCounted }
