package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type anything = map[string]any

// repeated is one thing a fictitious person says, of which the networks tell again and again.
type repeated struct {
	serial, mark, text string
	at                 int64
}

// batches gives, for each network, the deliveries that tell of the items given, together: each a whole body.
func batches() map[string]func(items []repeated) []anything {
	entry := func(account string, at int64, field string, value anything) anything {
		return anything{"id": account, "time": at, "changes": []any{anything{"field": field, "value": value}}}
	}
	entries := func(object string, each func(repeated) anything) func([]repeated) []anything {
		return func(items []repeated) []anything {
			var all []any
			for _, i := range items {
				all = append(all, each(i))
			}
			return []anything{{"object": object, "entry": all}}
		}
	}
	return map[string]func([]repeated) []anything{
		"facebook": entries("page", func(i repeated) anything {
			return entry("100000000000001", i.at, "feed", anything{
				"item": "comment", "verb": "add", "comment_id": "77_" + i.serial, "post_id": "100000000000001_77", "parent_id": "100000000000001_77",
				"created_time": i.at, "from": anything{"id": "9" + i.serial, "name": "Persona Ficticia"}, "message": i.text,
			})
		}),
		"instagram": entries("instagram", func(i repeated) anything {
			return entry("100000000000011", i.at, "comments", anything{
				"id": i.serial, "text": i.text, "from": anything{"id": "9" + i.serial, "username": "ficticia" + i.serial}, "media": anything{"id": "7700077"},
			})
		}),
		"whatsapp": entries("whatsapp_business_account", func(i repeated) anything {
			phone := "569" + i.serial[len(i.serial)-8:]
			return entry("100000000000099", i.at, "messages", anything{
				"messaging_product": "whatsapp", "metadata": anything{"phone_number_id": "100000000000041"},
				"contacts": []any{anything{"profile": anything{"name": "Persona Ficticia"}, "wa_id": phone}},
				"messages": []any{anything{"from": phone, "id": "wamid.f" + i.serial, "timestamp": strconv.FormatInt(i.at, 10), "type": "text", "text": anything{"body": i.text}}},
			})
		}),
		"linkedin": func(items []repeated) []anything {
			var all []any
			for _, i := range items {
				comment := "urn:li:comment:(urn:li:activity:7700077," + i.serial + ")"
				serial, _ := strconv.ParseInt(i.serial, 10, 64)
				all = append(all, anything{
					"notificationId": serial, "organizationalEntity": "urn:li:organization:1000031", "action": "COMMENT", "sourcePost": "urn:li:activity:7700077",
					// The two spellings of one name, as they were seen in one delivery.
					"generatedActivity": strings.Replace(comment, "(urn:li:", "(", 1), "lastModifiedAt": i.at * 1000,
					"decoratedGeneratedActivity": anything{"comment": anything{
						"entity": comment, "owner": "urn:li:person:Ficticia-" + i.serial, "object": "urn:li:activity:7700077", "text": i.text,
					}},
				})
			}
			return []anything{{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": all}}
		},
		"x": toldByX,
	}
}

// toldByX tells of posts as X does: each as a mention and as a reply by the one interface, and all by the other.
func toldByX(items []repeated) []anything {
	const us, post = "1000000000000000021", "2080000000000000077"
	var out []anything
	var old []any
	for n, i := range items {
		stamp := clockOf(i.at)
		for _, kind := range []string{"post.mention.create", "post.reply.create"} {
			out = append(out, anything{"data": anything{
				"event_uuid": i.serial + kind, "event_type": kind, "filter": anything{"user_id": us},
				"payload": anything{
					"id": i.serial, "text": i.text, "author_id": "9" + i.serial, "conversation_id": post, "created_at": stamp.Format("2006-01-02T15:04:05.000Z"),
					"in_reply_to_user_id": us, "referenced_tweets": []any{anything{"type": "replied_to", "id": post}}, "edit_history_tweet_ids": []string{i.serial},
					"entities": anything{"mentions": []any{anything{"start": 0, "end": 15, "username": "SENCE_simulado", "id": us}}},
				},
				"includes": anything{"users": []any{anything{"id": "9" + i.serial, "name": "Persona Ficticia", "username": "ficticia" + strconv.Itoa(n)}}},
			}})
		}
		id, _ := strconv.ParseInt(i.serial, 10, 64)
		old = append(old, anything{
			"created_at": stamp.Format("Mon Jan 02 15:04:05 -0700 2006"), "id": id - id%1000, "id_str": i.serial, "text": i.text, "truncated": false,
			"in_reply_to_status_id_str": post, "in_reply_to_user_id_str": us,
			"user":     anything{"id_str": "9" + i.serial, "name": "Persona Ficticia", "screen_name": "ficticia" + strconv.Itoa(n)},
			"entities": anything{"user_mentions": []any{anything{"screen_name": "SENCE_simulado", "id_str": us, "indices": []int{0, 15}}}},
		})
	}
	return append(out, anything{"for_user_id": us, "tweet_create_events": old})
}

// One item is one mention of one case, however often its network tells of it: five times, in other batches, shuffled, side by
// side, and on X in three forms.
func TestToldAgainAndAgain(t *testing.T) {
	const items, times, width = 8, 5, 16
	w := start(t)
	random := rand.New(rand.NewPCG(1, 2))
	run := startOfRun()
	type delivery struct {
		network string
		body    []byte
	}
	var all []delivery
	var marks []string
	for network, batch := range batches() {
		var said []repeated
		for n := range items {
			mark := fmt.Sprintf("marca%s%dx", network, n)
			marks = append(marks, mark)
			said = append(said, repeated{
				serial: strconv.FormatInt(run, 10) + fmt.Sprintf("%06d", n), mark: mark, at: run/1000 - int64(n),
				text: "@SENCE_simulado hola, ¿cuándo abre la postulación? " + mark,
			})
		}
		for range times {
			random.Shuffle(items, func(i, j int) { said[i], said[j] = said[j], said[i] })
			for rest := said; len(rest) > 0; {
				n := 1 + random.IntN(len(rest))
				for _, body := range batch(rest[:n]) {
					raw, err := json.Marshal(body)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, delivery{network, raw})
				}
				rest = rest[n:]
			}
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var wg sync.WaitGroup
	gate := make(chan struct{}, width)
	for _, d := range all {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			header, value := signed(d.network, d.body)
			if status := w.ask("POST", w.base+"/webhooks/"+d.network, d.body, nil, header, value); status != http.StatusOK {
				t.Errorf("%s: a delivery is answered %d", d.network, status)
			}
		})
	}
	wg.Wait()
	for _, network := range []string{"facebook", "instagram", "whatsapp", "linkedin", "x"} {
		w.until(network+": every case", func() bool { return len(w.cases(network)) >= items })
	}
	held := map[string]int{}
	for _, network := range []string{"facebook", "instagram", "whatsapp", "linkedin", "x"} {
		cases := w.cases(network)
		if len(cases) != items {
			t.Errorf("%s: %d cases of %d items", network, len(cases), items)
		}
		for _, c := range cases {
			for _, m := range w.get("supervisor", c.ID).Mentions {
				at := slices.IndexFunc(marks, func(mark string) bool { return strings.Contains(m.Text, mark) })
				if at < 0 {
					t.Errorf("%s: a mention nobody wrote", network)
					continue
				}
				held[marks[at]]++
			}
		}
	}
	for _, mark := range marks {
		if held[mark] != 1 {
			t.Errorf("%s stands in %d mentions", mark, held[mark])
		}
	}
}

// cases gives all cases of a network.
func (w *whole) cases(network string) []seenCase {
	w.t.Helper()
	return w.list("supervisor", "view=all&limit=200&network="+network)
}

// signed gives the header by which a network signs, with the local secrets.
func signed(network string, body []byte) (header, value string) {
	keyed := func(secret, text string) []byte {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	switch network {
	case "x":
		return "X-Twitter-Webhooks-Signature", "sha256=" + base64.StdEncoding.EncodeToString(keyed("local-x-consumer-secret", string(body)))
	case "linkedin":
		return "X-LI-Signature", hex.EncodeToString(keyed("local-linkedin-client-secret", "hmacsha256="+string(body)))
	default:
		return "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(keyed("local-meta-app-secret", string(body)))
	}
}

func startOfRun() int64 { return time.Now().UnixMilli() }

func clockOf(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
