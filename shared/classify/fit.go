package classify

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// What Fit refuses a model for.
var (
	ErrOtherReading = errors.New("classify: the model was trained for another way to read texts")
	ErrOtherShape   = errors.New("classify: the model has other classes than this program")
	ErrNoSense      = errors.New("classify: the model does not know a plain complaint from plain praise")
	ErrOddName      = errors.New("classify: the model's own name is empty, long or odd")
)

// clearCase is a text whose intent nobody doubts.
type clearCase struct {
	text   string
	intent Intent
}

// plains are what every model has to know, one of each intent. They are no measure of how good a model is, only of whether its
// numbers mean here what they meant where it was trained.
func plains() []clearCase {
	return []clearCase{
		{"Denuncio que la OTEC falsificó mi firma para cobrar el subsidio", Denuncia},
		{"Llevo tres meses esperando el pago y nadie me responde, exijo una solución", Reclamo},
		{"¿Cuáles son los requisitos para postular a un curso y hasta cuándo hay plazo?", Consulta},
		{"Sugiero que abran cursos en la noche, deberían pensar en los que trabajamos", Sugerencia},
		{"Muchas gracias, excelente curso y muy buena atención de todos", Felicitacion},
		{"Gana dinero desde tu casa, escríbeme por interno y te envío el link", Spam},
	}
}

// enough is how many of plains a model has to get right: one that is guessing gets one of six.
const enough = 4

// Reading names how this program reads texts for a model: the normaliser, and a digest of the features it finds in some texts and
// of the topics it knows, so that a change of either that nobody named is another reading too.
func Reading() string {
	c := NewWith(nil)
	h := fnv.New32a()
	for _, p := range plains() {
		features, _ := c.Features(Input{Text: p.text + " 😡 12.345.678-5 @sence https://sence.cl NO es cierto!!", Network: mention.Facebook, Public: true})
		for _, f := range features {
			_, _ = fmt.Fprintf(h, "%d ", f.Bucket) // not the weight: its last digit is the machine's
		}
	}
	for _, topic := range c.Topics() {
		_, _ = fmt.Fprintf(h, "%s ", topic)
	}
	return fmt.Sprintf("%s-%08x", Normaliser, h.Sum32())
}

// Fit makes a classifier of a model that was kept outside of this program. Reading is how texts were read when it was trained,
// alias what it is called in results, after its own name. A model that could not answer here, or would answer nonsense, is refused.
func Fit(raw []byte, reading, alias string) (*Classifier, error) {
	if reading != Reading() {
		return nil, ErrOtherReading
	}
	model, err := ReadLinear(raw)
	if err != nil {
		return nil, err
	}
	if !plainName(model.Name) {
		return nil, ErrOddName
	}
	if alias != "" {
		model.Name += "@" + alias
	}
	c := NewWith(model)
	if model.Widths != [heads]int{len(Intents()), len(Urgencies()), len(Sentiments()), len(c.topics)} {
		return nil, ErrOtherShape
	}
	right := 0
	for _, p := range plains() {
		r := c.Classify(Input{Text: p.text, Network: mention.Facebook, Public: true})
		sum := 0.0
		for _, share := range r.Probabilities {
			sum += share
		}
		if math.IsNaN(sum) || math.Abs(sum-1) > 1e-6 {
			return nil, ErrNoSense
		}
		if r.Intent == p.intent {
			right++
		}
	}
	if right < enough {
		return nil, ErrNoSense
	}
	return c, nil
}

// longestName is the most a model may be called: its name stands beside everything it says.
const longestName = 40

// plainName reports whether a name may stand in logs, lists and on mentions.
func plainName(name string) bool {
	return name != "" && len(name) <= longestName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// Embedded gives the bytes of the model of this program.
func Embedded() []byte { return append([]byte(nil), trained...) }
