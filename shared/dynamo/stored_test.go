package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// A letter changed in the dictionary would make every packed case unreadable.
func TestDictionary1_NeverChanges(t *testing.T) {
	const want = "97b5043e6350a1c2762b546029851a1ba4a114eae8776e2e4b8e116133299225"
	if got := sha256.Sum256([]byte(dictionary1)); hex.EncodeToString(got[:]) != want {
		t.Errorf("dictionary 1 has changed to %x; put a dictionary 2 beside it instead", got)
	}
}

// keptItem reads an item of testdata/stored_v1.json: text as it is, bytes behind "base64:".
func keptItem(t *testing.T, name string) attrs {
	t.Helper()
	raw, err := os.ReadFile("testdata/stored_v1.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	i := attrs{}
	for name, value := range all[name] {
		i[name] = text(value)
		if len(value) > 7 && value[:7] == "base64:" {
			b, err := base64.StdEncoding.DecodeString(value[7:])
			if err != nil {
				t.Fatal(err)
			}
			i[name] = binary(b)
		}
	}
	if len(i) == 0 {
		t.Fatalf("no item %s", name)
	}
	return i
}

// What the first version wrote stays readable: these items were written once and are never written anew.
func TestStore_ReadsItemsOfVersion1(t *testing.T) {
	s := (&wire{}).store("w", "b")
	kept, err := s.readTicket(keptItem(t, "ticket"))
	if err != nil || kept.ID != "01KAPTV1BG0000000000000000" || kept.Version != 3 || kept.State != ticket.EnAnalisis || kept.Citizen.Key != "llave" || kept.Head == "" {
		t.Errorf("ticket = %+v, %v", kept, err)
	}
	row, err := s.readRow(keptItem(t, "ticket"))
	if err != nil {
		t.Errorf("row: %v", err)
	}
	if diff := cmp.Diff(kept.Row(), row); diff != "" {
		t.Errorf("row (-of the ticket +stored):\n%s", diff)
	}
	var m ticket.Mention
	if err := s.packer.doc(keptItem(t, "mention"), &m); err != nil || m.Key != "100_1" || len(m.Text) != 3000 {
		t.Errorf("mention = %s with %d bytes, %v", m.Key, len(m.Text), err)
	}
	var e audit.Entry
	if err := s.packer.doc(keptItem(t, "entry"), &e); err != nil {
		t.Errorf("entry: %v", err)
	}
	if err := audit.Verify([]audit.Entry{e}); err != nil {
		t.Error(err)
	}
	message, err := readMessage(keptItem(t, "outbox"))
	if err != nil || message.ID != "01KAPTV1BG0000000000000000-000001" || message.Topic != outbox.File || message.Attempt != 1 {
		t.Errorf("message = %+v, %v", message, err)
	}
}

// The same for what is known of accounts of ours.
func TestStore_ReadsChannelsOfVersion1(t *testing.T) {
	ref := channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}
	w := &stored{items: map[string]attrs{}}
	for _, name := range []string{"channel", "grant", "connection", "spend"} {
		i := keptItem(t, name)
		for _, n := range []string{attrTTL, spentOn + "publicar"} {
			if value := i.text(n); value != "" {
				i[n] = &types.AttributeValueMemberN{Value: value}
			}
		}
		w.items[i.text(attrPK)+" "+i.text(attrSK)] = i
	}
	s := New(Config{Client: w, Table: "w", Bitacora: "b", Clock: noon})
	c, found, err := s.Channel(t.Context(), ref)
	if err != nil || !found || c.Ref != ref || c.State != channel.Paused || c.Reason != channel.ReasonAuth || c.Cursors["notifications"] != "17" || c.Rev != 4 {
		t.Errorf("channel = %+v, %v, %v", c, found, err)
	}
	g, found, err := s.Grant(t.Context(), ref)
	if err != nil || !found || g.Ref != ref || g.Sealed != "k1.AAAA" || g.LeaseBy != "fetch/abc" || !g.LeaseUntil.Equal(noon()) || !g.Doubt || g.Rev != 3 {
		t.Errorf("grant = %+v, %v, %v", g, found, err)
	}
	n, found, err := s.Connection(t.Context(), "estado")
	if err != nil || !found || n.Step != channel.StepBegun || n.Verifier != "v" || !n.Expires.Equal(noon().Add(time.Minute)) || n.Rev != 1 {
		t.Errorf("connection = %+v, %v, %v", n, found, err)
	}
	spend, err := s.Spent(t.Context(), ref, "2026-11-23")
	if err != nil || spend.Micros["publicar"] != 15000 || spend.Total() != 15000 {
		t.Errorf("spend = %+v, %v", spend, err)
	}
}

// The same for a file of the library, and for what leads to it from its bytes.
func TestStore_ReadsFilesOfVersion1(t *testing.T) {
	w := &stored{items: map[string]attrs{}}
	for _, name := range []string{"file", "file sum"} {
		i := keptItem(t, name)
		w.items[i.text(attrPK)+" "+i.text(attrSK)] = i
	}
	s := New(Config{Client: w, Table: "w", Bitacora: "b", Clock: noon})
	l, found, err := s.FileBySum(t.Context(), strings.Repeat("ab", 32))
	want := post.LibraryFile{
		ID: "01KAPTV1BG0000000000000009", Name: "afiche.png", Alt: "Un afiche ficticio", Sum: strings.Repeat("ab", 32), By: "ana", ByName: "Ana Ficticia",
		File: post.File{Kind: post.Image, Type: "image/png", Size: 1000, Width: 1080, Height: 1350}, At: noon(), State: post.FileReady, Rev: 2,
	}
	if diff := cmp.Diff(want, l); diff != "" || !found || err != nil {
		t.Errorf("file: %v, %v\n%s", found, err, diff)
	}
}

// stored is a service that has some items.
type stored struct {
	API
	items map[string]attrs
}

func (s *stored) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	k := attrs(in.Key)
	return &dynamodb.GetItemOutput{Item: s.items[k.text(attrPK)+" "+k.text(attrSK)]}, nil
}

func TestDecodeMessage(t *testing.T) {
	for _, row := range []string{"", "{}", "[]", `{"id":"m"}`, "\x01"} {
		if m, err := DecodeMessage(row); !fault.Is(err, fault.Poison) {
			t.Errorf("DecodeMessage(%q) = %+v, %v; want poison", row, m, err)
		}
	}
	newer := `{"v":2,"id":"m","topic":"post.publish","ticket":"t","due":"2026-11-23T15:00:00Z","attempt":1,"later":{"field":1}}`
	if m, err := DecodeMessage(newer); err != nil || m.ID != "m" {
		t.Errorf("a message of newer code: %+v, %v", m, err)
	}
}

// The instant of a request goes before the clock: where time jumps (the local system), changes and expiry follow it.
func TestStore_FollowsTheRequest(t *testing.T) {
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	type arrival struct{}
	s := New(Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: noon, At: func(ctx context.Context) time.Time {
		at, _ := ctx.Value(arrival{}).(time.Time)
		return at
	}})
	_, cursor, err := s.Changes(t.Context(), ticket.Reach{Ordinary: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	jumped := noon().AddDate(0, 0, 20)
	c := version(ticket.Ticket{}, "ana")
	c.Entry.At = jumped
	sealed := c.Entry.Seal("")
	c.Entry, c.Ticket.Head = &sealed, sealed.Hash
	c.Click = &ticket.Click{Key: "k", At: noon()}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	later := context.WithValue(t.Context(), arrival{}, jumped.Add(time.Minute))
	changes, _, err := s.Changes(later, ticket.Reach{Ordinary: true}, cursor)
	if err != nil || len(changes) != 1 {
		t.Errorf("Changes after the jump = %v, %v", changes, err)
	}
	if _, found, err := s.Answer(later, "k"); err != nil || found {
		t.Errorf("an answer of twenty days ago is found: %v, %v", found, err)
	}
	if _, found, err := s.Answer(t.Context(), "k"); err != nil || !found {
		t.Errorf("without a request the clock holds: %v, %v", found, err)
	}
}
