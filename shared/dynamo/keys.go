package dynamo

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// The names of attributes and indexes, as infra's tables declare them.
const (
	attrPK     = "PK"
	attrSK     = "SK"
	attrGSI1PK = "GSI1PK"
	attrGSI1SK = "GSI1SK"
	attrGSI2PK = "GSI2PK"
	attrGSI2SK = "GSI2SK"
	attrDayPK  = "DAYPK"
	attrDaySK  = "DAYSK"
	attrDoc    = "doc"
	attrRow    = "row"
	attrTTL    = "ttl"
	attrRaw    = "raw"

	indexWaits = "GSI1"
	indexBoard = "GSI2"
	indexDay   = "day"
)

// Shards of the two indexes that every commit writes to.
const (
	messageShards = 16
	dayShards     = 4
)

// instant is the form of time in keys: fixed width, so that text order is time order.
const instant = "2006-01-02T15:04:05.000Z"

// day is the form of a date in keys, in UTC.
const day = "2006-01-02"

// endless stands for "no term" where keys sort by a term.
const endless = "9999-12-31T23:59:59.999Z"

// key is the address of an item, or a place in an index.
type key struct{ pk, sk string }

// at writes an instant, cut to milliseconds.
func at(t time.Time) string { return t.UTC().Format(instant) }

// casePK is the partition of a case and of all that hangs on it, in both tables; and of the messages of a cause that is no
// case (outbox.IsCase), which has nothing else.
func casePK(id string) string { return "T#" + id }

func ticketKey(id string) key { return key{casePK(id), "T"} }

func mentionKey(id string, when time.Time, item string) key {
	return key{casePK(id), "M#" + at(when) + "#" + item}
}

func replyKey(id, reply string) key { return key{casePK(id), "P#" + reply} }

func messageKey(ref outbox.Ref) key { return key{casePK(ref.Ticket), "O#" + ref.ID} }

// postKey and targetKey lie in the partition of the post's cause, beside its messages and matters.
func postKey(id string) key { return key{casePK(outbox.PostCause(id)), "B"} }

func targetKey(id, name string) key { return key{casePK(outbox.PostCause(id)), "B#" + name} }

// campaignsPK is one partition for all campaigns: they are few, and are read together. memberKey remembers that a post is, or was,
// of a campaign.
const campaignsPK = "CAMPAIGNS"

func campaignKey(id string) key { return key{campaignsPK, id} }

func memberPK(campaign string) string { return "CAMPAIGN#" + campaign }

func memberKey(campaign, id string) key { return key{memberPK(campaign), id} }

func attentionKey(id, matter string) key { return key{casePK(id), "W#" + matter} }

func numberKey(number string) key { return key{"N#" + number, "N"} }

func folioKey(folio string) key { return key{"F#" + folio, "F"} }

func conversationKey(conversation string) key { return key{"C#" + conversation, "OPEN"} }

func seenKey(network mention.Network, item string) key {
	return key{"D#" + string(network) + "#" + item, "D"}
}

// clickKey shares its prefix with seenKey: no network is called desk.
func clickKey(click string) key { return key{"D#desk#" + click, "D"} }

// quarantineKey holds the hash of the content only, so the same bytes are the same item whenever they come.
func quarantineKey(id string) key { return key{"X#" + id, "X"} }

// channelsPK is one partition for all accounts of ours: they are few, and are read together.
const channelsPK = "CHANNELS"

func channelKey(ref channel.Ref) key { return key{channelsPK, ref.String()} }

func grantKey(ref channel.Ref) key { return key{"GRANT#" + ref.String(), "G"} }

func connectionKey(id string) key { return key{"CONNECT#" + id, "C"} }

func spendKey(ref channel.Ref, date string) key { return key{"SPEND#" + ref.String(), date} }

// filesPK is one partition for the library, in the order in which its files came: their ids begin with the time.
const filesPK = "FILES"

func fileKey(id string) key { return key{filesPK, id} }

func fileSumKey(sum string) key { return key{"FILE#" + sum, "F"} }

// modelsKey is the register of the classifier's models: one item, which is read whole.
func modelsKey() key { return key{modelsPK, "REGISTER"} }

const modelsPK = "MODELS"

func entryKey(id string, version int) key { return key{casePK(id), fmt.Sprintf("%010d", version)} }

// queuePK is the list of the cases that wait, or of those in one state. Denuncias have their own, so that no list of the
// others can ever carry one.
func queuePK(state ticket.State, restricted bool) string {
	family := "Q#"
	if restricted {
		family = "R#"
	}
	if state.Waiting() {
		return family + "waiting"
	}
	return family + string(state)
}

// queueKey orders by class, then by the entry of the case, then by its id.
func queueKey(t ticket.Ticket) key {
	return key{
		queuePK(t.State, t.Intent.Final == classify.Denuncia),
		rankPrefix(t.Intent.Final) + at(t.OpenedAt) + "#" + t.ID,
	}
}

func rankPrefix(i classify.Intent) string { return strconv.Itoa(i.Rank()) + "#" }

func boardPK(agent string) string { return "A#" + agent }

// boardKey orders a person's cases by the end of their term.
func boardKey(t ticket.Ticket) key {
	due := at(t.DueAt)
	if t.DueAt.IsZero() {
		due = endless
	}
	return key{boardPK(t.Assignee), due + "#" + t.ID}
}

// Families of the outbox in GSI1.
const (
	toHandOver = "O#"
	handedOver = "H#"
)

func shardPK(family string, shard int) string { return family + strconv.FormatInt(int64(shard), 16) }

// dueKey is a message's place among those of its family.
func dueKey(family string, m outbox.Message) key {
	return key{shardPK(family, shardOf(m.ID, messageShards)), at(m.Due) + "#" + m.Ticket + "#" + m.ID}
}

// The calendar of posts: one partition for each month of their moments, in UTC; one for those that have none yet; and one for
// each state that somebody has to do something about.
const (
	postsUndated = "B#none"
	postsFailed  = "B#failed"
)

func postsMonth(when time.Time) string { return "B#" + when.UTC().Format("2006-01") }

func postsState(s post.State) string { return "B#" + string(s) }

// postPlace is where a post stands in the calendar; its targets stand behind it.
func postPlace(p post.Post) key {
	if p.PublishAt.At.IsZero() {
		return key{postsUndated, at(p.CreatedAt) + "#" + p.ID}
	}
	return key{postsMonth(p.PublishAt.At), at(p.PublishAt.At) + "#" + p.ID}
}

func targetPlace(t post.Target) key {
	return key{postsMonth(t.At), at(t.At) + "#" + t.Post + "#" + t.Name()}
}

// postQueue is where a post stands among those that wait for somebody; false when it waits for nobody.
func postQueue(p post.Post) (key, bool) {
	when := p.PublishAt.At
	if when.IsZero() {
		when = p.CreatedAt
	}
	k := key{postsState(p.State), at(when) + "#" + p.ID}
	switch p.State {
	case post.Draft, post.Submitted, post.Rejected:
		return k, true
	case post.Expired: // before it was ever planned
		k.pk = postsFailed
		return k, true
	case post.Approved, post.Planned, post.Claimed, post.Sent, post.Unknown, post.Refused, post.Cancelled:
		return k, false
	default:
		return k, false
	}
}

// targetQueue is where a target stands among those that failed.
func targetQueue(t post.Target) (key, bool) {
	k := key{postsFailed, at(t.At) + "#" + t.Post + "#" + t.Name()}
	switch t.State {
	case post.Unknown, post.Refused, post.Expired:
		return k, true
	case post.Draft, post.Submitted, post.Rejected, post.Approved, post.Planned, post.Claimed, post.Sent, post.Cancelled:
		return k, false
	default:
		return k, false
	}
}

const attentionPK = "ATT"

func attentionPlace(a ticket.Attention) key {
	return key{attentionPK, at(a.At) + "#" + a.Ticket + "#" + a.ID}
}

func quarantinePK(month time.Time) string { return "X#" + month.UTC().Format("2006-01") }

func quarantinePlace(q ticket.Quarantined) key {
	return key{quarantinePK(q.At), at(q.At) + "#" + q.ID}
}

// Families of the day index, by who may know of an entry. Denuncias are few: the whole inbound rate at its bound would fit
// into the one partition that each of their families has.
const (
	dayOrdinary   = "DAY#"
	dayRestricted = "DAYR#"
	dayCrossing   = "DAYX#"
	dayPosts      = "DAYP#"
	dayModel      = "DAYM#"
)

func dayFamily(s audit.Scope) string {
	switch s {
	case audit.Restricted:
		return dayRestricted
	case audit.Crossing:
		return dayCrossing
	case audit.OfPosts:
		return dayPosts
	case audit.OfModel:
		return dayModel
	case audit.Ordinary:
		return dayOrdinary
	default: // of newer code: better told to too few
		return dayRestricted
	}
}

// shardsOf is how many partitions a family has for each day.
func shardsOf(family string) uint32 {
	if family == dayOrdinary {
		return dayShards
	}
	return 1
}

// dayPKs are the partitions of a day that a reader may read.
func dayPKs(date time.Time, who ticket.Reach) []string {
	var families []string
	if who.Ordinary {
		families = append(families, dayOrdinary)
	}
	if who.Restricted {
		families = append(families, dayRestricted)
	}
	if who.Ordinary || who.Restricted {
		families = append(families, dayCrossing)
	}
	if who.Posts {
		families = append(families, dayPosts)
	}
	var pks []string
	for _, family := range families {
		for shard := range int(shardsOf(family)) {
			pks = append(pks, dayPK(family, date, shard))
		}
	}
	return pks
}

func dayPK(family string, date time.Time, shard int) string {
	return family + date.UTC().Format(day) + "#" + strconv.Itoa(shard)
}

func dayKey(e audit.Entry) key {
	family := dayFamily(e.Scope)
	shard := shardOf(e.Ticket, shardsOf(family))
	return key{dayPK(family, e.At, shard), fmt.Sprintf("%s#%s#%010d", at(e.At), e.Ticket, e.Version)}
}

// shardOf spreads ids evenly; its result is stored, so it never changes.
func shardOf(id string, shards uint32) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	sum := h.Sum32()
	return int((sum ^ sum>>16) % shards) // the low bits alone see only the low bits of each letter
}

// parseDaySK reads a place of the day index back.
func parseDaySK(sk string) (ticket.ChangeRow, bool) {
	stamp, rest, ok := strings.Cut(sk, "#")
	if !ok {
		return ticket.ChangeRow{}, false
	}
	id, number, ok := strings.Cut(rest, "#")
	if !ok || id == "" {
		return ticket.ChangeRow{}, false
	}
	when, err := time.Parse(instant, stamp)
	if err != nil {
		return ticket.ChangeRow{}, false
	}
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 {
		return ticket.ChangeRow{}, false
	}
	return ticket.ChangeRow{Ticket: id, Version: version, At: when}, true
}

// ParseRef reads the address of an outbox message from the key of its item, as a stream record carries it; false for the
// key of anything else.
func ParseRef(pk, sk string) (outbox.Ref, bool) {
	id, isCase := strings.CutPrefix(pk, "T#")
	message, isMessage := strings.CutPrefix(sk, "O#")
	if !isCase || !isMessage || id == "" || message == "" {
		return outbox.Ref{}, false
	}
	return outbox.Ref{Ticket: id, ID: message}, true
}
