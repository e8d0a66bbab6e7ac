// Package load drives a running system with signed deliveries and then asks it whether every one it acknowledged is there,
// exactly once.
package load

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Plan is what to send. Duplicates is the share of sends that repeat an earlier item, in another body; Shuffle sends the
// items out of the order of their times.
type Plan struct {
	Rate       int
	For        time.Duration
	Duplicates float64
	Shuffle    bool
	Account    string
	Run        int64 // makes the ids of this run unlike those of any other
}

// item is one delivery: the item it carries, and its body.
type item struct {
	Key  string
	Body []byte
}

// texts are what the fictitious people write; none of them is a denuncia, which a supervisor could not count.
func texts() []string {
	return []string{
		"Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución",
		"¿Hasta cuándo puedo postular al curso de mi comuna?",
		"Muchas gracias por la orientación, me sirvió mucho",
		"Sería bueno que avisaran por correo cuando abren los cupos",
		"¿Dónde descargo mi certificado del curso en línea?",
	}
}

// deliveries makes the sends in the order they leave, at the instant the plan begins.
func (p Plan) deliveries(start time.Time) ([]item, error) {
	random := rand.New(rand.NewPCG(uint64(p.Run), 7)) //nolint:gosec // a reproducible load, not a secret
	total := int(float64(p.Rate) * p.For.Seconds())
	var distinct, sends []item
	for n := range total {
		if len(distinct) > 0 && random.Float64() < p.Duplicates {
			sends = append(sends, distinct[random.IntN(len(distinct))])
			continue
		}
		one, err := p.comment(n, start)
		if err != nil {
			return nil, err
		}
		distinct = append(distinct, one)
		sends = append(sends, one)
	}
	if p.Shuffle {
		random.Shuffle(len(sends), func(i, j int) { sends[i], sends[j] = sends[j], sends[i] })
	}
	return sends, nil
}

// comment is the n-th item: a feed comment by somebody who writes once.
func (p Plan) comment(n int, start time.Time) (item, error) {
	serial := strconv.FormatInt(p.Run, 10) + fmt.Sprintf("%06d", n)
	post := p.Account + "_" + strconv.FormatInt(p.Run, 10) + strconv.Itoa(n%20)
	key := strconv.FormatInt(p.Run, 10) + strconv.Itoa(n%20) + "_" + serial
	at := start.Add(-time.Duration(n%600) * time.Second).Unix()
	say := texts()
	body, err := json.Marshal(map[string]any{
		"object": "page",
		"entry": []any{map[string]any{
			"id": p.Account, "time": at,
			"changes": []any{map[string]any{"field": "feed", "value": map[string]any{
				"item": "comment", "verb": "add", "comment_id": key, "post_id": post, "parent_id": post, "created_time": at,
				"from":    map[string]any{"id": "9" + serial, "name": "Persona Ficticia " + strconv.Itoa(n)},
				"message": say[n%len(say)],
			}}},
		}},
	})
	if err != nil {
		return item{}, fmt.Errorf("load: %w", err)
	}
	return item{Key: key, Body: body}, nil
}
