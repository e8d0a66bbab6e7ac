package dynamo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// TestKeys_Golden holds every key as it is stored: a key that changes makes stored items unreachable.
func TestKeys_Golden(t *testing.T) {
	santiago := time.FixedZone("-03", -3*60*60)
	when := time.Date(2026, 11, 30, 22, 5, 6, 7_999_999, santiago)
	tk := ticket.Ticket{
		ID: "01TICKET", State: ticket.Ingresado, Assignee: "ana", OpenedAt: when, DueAt: when,
		Intent: ticket.Intent{Final: classify.Consulta},
	}
	with := func(change func(*ticket.Ticket)) ticket.Ticket {
		other := tk
		change(&other)
		return other
	}
	m := outbox.Message{ID: "01TICKET-000002~3", Ticket: "01TICKET", Due: when}
	caseless := outbox.Message{ID: "item-1", Ticket: outbox.ItemCause("linkedin", "urn:li:comment:(urn:li:activity:1,2)"), Due: when}
	ref := channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}
	lines := []struct {
		name string
		key  key
	}{
		{"ticket", ticketKey("01TICKET")},
		{"mention", mentionKey("01TICKET", when, "urn:li:comment:(urn:li:activity:1,2)")},
		{"reply", replyKey("01TICKET", "r000002")},
		{"outbox", messageKey(m.Ref())},
		{"outbox without a case", messageKey(caseless.Ref())},
		{"attention", attentionKey("01TICKET", "reply_unknown-r000002")},
		{"number", numberKey("RS-2026-1234567-K")},
		{"folio", folioKey("SIAC-1")},
		{"conversation", conversationKey("q3Jf8s")},
		{"seen", seenKey(mention.X, "1234567890123456789")},
		{"click", clickKey("abc")},
		{"quarantine", quarantineKey("def")},
		{"entry", entryKey("01TICKET", 12)},
		{"channel", channelKey(ref)},
		{"grant", grantKey(ref)},
		{"connection", connectionKey("ghi")},
		{"spend", spendKey(ref, "2026-11-30")},
		{"models", modelsKey()},
		{"GSI1 waiting", queueKey(tk)},
		{"GSI1 reopened", queueKey(with(func(t *ticket.Ticket) { t.State = ticket.Reabierto }))},
		{"GSI1 in a state", queueKey(with(func(t *ticket.Ticket) { t.State = ticket.Respondido }))},
		{"GSI1 waiting denuncia", queueKey(with(func(t *ticket.Ticket) { t.Intent.Final = classify.Denuncia }))},
		{"GSI1 denuncia in a state", queueKey(with(func(t *ticket.Ticket) { t.Intent.Final, t.State = classify.Denuncia, ticket.Cerrado }))},
		{"GSI1 to hand over", dueKey(toHandOver, m)},
		{"GSI1 handed over", dueKey(handedOver, m)},
		{"GSI1 without a case", dueKey(toHandOver, caseless)},
		{"GSI2 board", boardKey(tk)},
		{"GSI2 board without a term", boardKey(with(func(t *ticket.Ticket) { t.DueAt = time.Time{} }))},
		{"GSI2 attention", attentionPlace(ticket.Attention{Ticket: "01TICKET", ID: "siac_unknown-siac", At: when})},
		{"GSI2 quarantine", quarantinePlace(ticket.Quarantined{ID: "def", At: when})},
		{"day", dayKey(entryOf("01TICKET", 12, when, audit.Ordinary))},
		{"day, restricted", dayKey(entryOf("01TICKET", 12, when, audit.Restricted))},
		{"day, crossing", dayKey(entryOf("01TICKET", 12, when, audit.Crossing))},
		{"day, models", dayKey(entryOf("models:register", 12, when, audit.OfModel))},
	}
	var got strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&got, "%-26s %s | %s\n", l.name, l.key.pk, l.key.sk)
	}
	golden(t, "keys.golden", got.String())
}

func entryOf(id string, version int, when time.Time, scope audit.Scope) audit.Entry {
	return audit.Entry{Ticket: id, Version: version, At: when, Scope: scope}
}

// Of a step of a denuncia knows who may read denuncias, of a step into them or out of them everybody who reads cases.
func TestDayPKs_ByReach(t *testing.T) {
	when := time.Date(2026, 11, 30, 22, 5, 6, 0, time.UTC)
	for _, tt := range []struct {
		who                            ticket.Reach
		ordinary, restricted, crossing bool
		partitions                     int
	}{
		{ticket.Reach{}, false, false, false, 0},
		{ticket.Reach{Ordinary: true}, true, false, true, 5},
		{ticket.Reach{Restricted: true}, false, true, true, 2},
		{ticket.Reach{Ordinary: true, Restricted: true}, true, true, true, 6},
	} {
		pks := dayPKs(when, tt.who)
		for scope, want := range map[audit.Scope]bool{
			audit.Ordinary: tt.ordinary, audit.Restricted: tt.restricted, audit.Crossing: tt.crossing, "of tomorrow": tt.restricted,
		} {
			if got := slices.Contains(pks, dayKey(entryOf("01TICKET", 1, when, scope)).pk); got != want {
				t.Errorf("%+v reads a step of scope %q: %t", tt.who, scope, got)
			}
		}
		if len(pks) != tt.partitions {
			t.Errorf("%+v reads %d partitions, want %d", tt.who, len(pks), tt.partitions)
		}
	}
}

// golden compares with a file that is written by hand: what is stored does not change because a test is run.
func golden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The order of text must be the order of time, whatever the zone and the fraction.
func TestAt_OrdersLikeTime(t *testing.T) {
	instants := rapid.Int64Range(0, 253_402_300_799_999)
	rapid.Check(t, func(t *rapid.T) {
		a, b := time.UnixMilli(instants.Draw(t, "a")), time.UnixMilli(instants.Draw(t, "b"))
		if got, want := strings.Compare(at(a), at(b.In(time.FixedZone("", 5400)))), a.Compare(b); got != want {
			t.Fatalf("%s and %s compare as %d, want %d", at(a), at(b), got, want)
		}
	})
}

func TestDayKey_ReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := ticket.ChangeRow{
			Ticket:  rapid.StringMatching(`[0-9A-HJKMNP-TV-Z]{26}`).Draw(t, "ticket"),
			Version: rapid.IntRange(1, 9_999_999_999).Draw(t, "version"),
			At:      time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC(),
		}
		scope := rapid.SampledFrom([]audit.Scope{audit.Ordinary, audit.Restricted, audit.Crossing}).Draw(t, "scope")
		k := dayKey(entryOf(want.Ticket, want.Version, want.At, scope))
		if got, ok := parseDaySK(k.sk); !ok || got != want {
			t.Fatalf("parseDaySK(%q) = %+v, %v; want %+v", k.sk, got, ok, want)
		}
		if _, date, _ := strings.Cut(k.pk, "#"); !strings.HasPrefix(k.sk, date[:len("2026-11-30")]) {
			t.Fatalf("%s is not of the day %s", k.sk, k.pk)
		}
	})
}

func FuzzParseDaySK(f *testing.F) {
	f.Add("2026-11-30T22:05:06.007Z#01TICKET#0000000012")
	f.Add("##")
	f.Fuzz(func(t *testing.T, sk string) {
		if row, ok := parseDaySK(sk); ok && (row.Ticket == "" || row.Version < 1) {
			t.Errorf("parseDaySK(%q) = %+v", sk, row)
		}
	})
}

func TestParseRef(t *testing.T) {
	for _, cause := range []string{
		"01TICKET", outbox.ItemCause("linkedin", "urn:li:comment:(urn:li:activity:1,2)"), outbox.ItemCause("x", "raro#O#1 ñ"),
		outbox.ChannelCause("x/1"), outbox.ConnectionCause("a_b-c"),
	} {
		want := outbox.Ref{Ticket: cause, ID: "01TICKET-000002~3"}
		k := messageKey(want)
		if got, ok := ParseRef(k.pk, k.sk); !ok || got != want {
			t.Errorf("ParseRef = %+v, %v; want %+v", got, ok, want)
		}
	}
	for _, k := range []key{ticketKey("1"), replyKey("1", "r"), conversationKey("c"), channelKey(channel.Ref{Network: mention.X, Account: "O#1"}), {"T#", "O#m"}, {"T#1", "O#"}, {}} {
		if got, ok := ParseRef(k.pk, k.sk); ok {
			t.Errorf("ParseRef(%v) = %+v", k, got)
		}
	}
}

// Sixteen shards share the messages, four the entries: none is much larger than another.
func TestShardOf_SpreadsEvenly(t *testing.T) {
	const n = 16_000
	for _, shards := range []uint32{messageShards, dayShards} {
		count := make([]int, shards)
		for i := range n {
			id := ticket.NewID(time.UnixMilli(1_795_000_000_000+int64(i)*977), [10]byte{byte(i), byte(i >> 8), 7})
			count[shardOf(fmt.Sprintf("%s-%06d", id, 2), shards)]++
		}
		for shard, got := range count {
			if mean := n / int(shards); got < mean*8/10 || got > mean*12/10 {
				t.Errorf("shard %d of %d has %d, the mean is %d", shard, shards, got, mean)
			}
		}
	}
}
