package main

import (
	"cmp"
	"fmt"
	"strings"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

// cardOf is the model's card: what it is made of, how well it does where nobody tuned it, and what it cannot do.
func cardOf(all corpus, how tuned, tested []answer, f figures, steady []steadiness) []byte {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	say("# Ficha del clasificador\n")
	say("Este archivo lo escribe `make train`; una prueba lo vuelve a producir y compara. No lo edites a mano.\n")
	say("Modelo `%s`, normalizador `%s`. Propone la clase, la urgencia, el tono y los temas de una mención. No decide: una persona, o una", modelName, classify.Normaliser)
	say("regla del protocolo, lo hace. Corre dentro de la función, sin red; ningún texto sale de la cuenta.\n")
	say("## Con qué se entrenó\n")
	say("%d menciones escritas para este proyecto, más ninguna de otro origen. Personas, cuentas y casos son ficticios. Cada voz es una persona", len(all.examples))
	say("inventada, con su región, edad y forma de escribir; las voces de prueba no se usaron para entrenar ni para ajustar nada.\n")
	say("| voz | uso | menciones | quién |\n| --- | --- | --- | --- |")
	uses := map[string]string{"train": "entrena", "tune": "ajusta y entrena", "topics": "ajusta los temas y entrena", "test": "prueba"}
	for _, v := range all.voices {
		n := 0
		for _, e := range all.examples {
			if e.voice == v.name {
				n++
			}
		}
		say("| %s | %s | %d | %s |", v.name, uses[v.split], n, v.description)
	}
	say("\nUn segundo anotador etiquetó las menciones sin ver las etiquetas del primero. Hasta V17 los identificadores dejaban adivinar el orden")
	say("por clase, así que ese acuerdo está algo inflado; desde V18 venían barajadas y sin identificador. Los temas son los del segundo, que solo")
	say("vio el texto; un programa cuenta si lo nombraron los dos. Cuando no coincidían en la clase de V37, V38, V43 y V44 se aplicó la precedencia de la")
	say("guía, y cambió la de %d; el acuerdo cuenta lo que dijo cada uno antes. Alfa de Krippendorff:\n", len(all.settled))
	say("| menciones | clase | urgencia |\n| --- | --- | --- |")
	intent, urgency, n := all.agreement("", "V17")
	say("| hasta V17: %d | %.2f | %.2f |", n, intent, urgency)
	intent, urgency, n = all.agreement("V18", "V99")
	say("| desde V18: %d | %.2f | %.2f |\n", n, intent, urgency)
	say("## Cómo le va en las voces de prueba\n")
	say("%d menciones. Entre paréntesis, el intervalo de 95 %% por remuestreo.\n", f.n)
	say("| medida | valor | meta |\n| --- | --- | --- |")
	row := func(name, goal string, of func(figures) float64) {
		low, high := interval(tested, of)
		say("| %s | %.3f (%.3f a %.3f) | %s |", name, of(f), low, high, goal)
	}
	row("F1 macro de la clase", "≥ 0,72", func(f figures) float64 { return f.macroF1 })
	row("Costo medio (matriz de la guía)", "≤ 0,85", func(f figures) float64 { return f.cost })
	row("Reclamos y denuncias propuestos como tales", "≥ 0,92", func(f figures) float64 { return f.caught })
	row("Parte propuesta como reclamo o denuncia", "≤ 0,50", func(f figures) float64 { return f.flagged })
	row("Error de calibración (ECE)", "≤ 0,08", func(f figures) float64 { return f.ece })
	row("F1 macro de la urgencia", "≥ 0,72", func(f figures) float64 { return f.urgencyF1 })
	row("F1 micro de los temas", "≥ 0,75", func(f figures) float64 { return f.topicsF1 })
	row("La clase correcta está entre las propuestas", "≥ 0,90", func(f figures) float64 { return f.setCovers })
	row("Clases propuestas por mención", "–", func(f figures) float64 { return f.setSize })
	say("| Casos que se plegarían como spam | %d | 0 |", f.collapsible)
	say("| Spam que se plegaría | %d de %d | – |", f.folded, f.of(classify.Spam))
	say("\nTemperatura %.2f; el conjunto de clases cubre %.3f de probabilidad; los costos cuentan elevados a %.2f al elegir la clase; se pliega lo que tiene", how.temperature, how.mass, how.lean)
	say("menos de %.3f de ser un caso; a la urgencia crítica se le suma %.2f.\n", how.fold, how.critical)
	tables(say, tested, f)
	say("\nPor voz, por red y por dificultad:\n")
	say("| parte | menciones | F1 macro | costo | reclamos y denuncias propuestos |\n| --- | --- | --- | --- | --- |")
	for _, part := range parts(tested) {
		one := measure(part.answers)
		say("| %s | %d | %.3f | %.2f | %.2f |", part.name, one.n, one.macroF1, one.cost, one.caught)
	}
	say("\nDatos personales en los textos de prueba, por tipo y mención: %d, encontrados %d, de más %d.", f.personal, f.personalFound, f.personalFalse)
	say("\n## Si se escribe de otra forma\n")
	say("Las mismas menciones de prueba, cambiadas. La clase debe seguir igual.\n")
	say("| cambio | menciones que cambian | conservan la clase | baja del F1 macro | límite |\n| --- | --- | --- | --- | --- |")
	for _, s := range steady {
		limit := "–"
		if s.change.limit > 0 {
			limit = fmt.Sprintf("%.2f", s.change.limit)
		}
		say("| %s | %d | %.3f | %.3f | %s |", s.change.name, s.touched, float64(s.kept)/float64(max(s.touched, 1)), s.fall, limit)
	}
	catalogue(say)
	say("\n## Qué no sabe\n")
	say("- Las voces son inventadas por quienes desarrollan: con menciones reales le irá distinto. Antes de fiarse, mídelo con al menos 200 casos")
	say("  revisados de cada red.")
	say("- Ironía, quejas en forma de pregunta y denuncias sin palabras de denuncia son lo que más confunde.")
	say("- El kreyòl y el mapudungun de los ejemplos no los revisó una persona hablante.")
	say("- La urgencia crítica la suben reglas escritas a la vista de ejemplos: revisa a mano lo que diga «alta».")
	return []byte(b.String())
}

// tables are who was taken for what.
func tables(say func(string, ...any), tested []answer, f figures) {
	say("Filas: lo que es. Columnas: lo que se propone.\n")
	say("| | denuncia | reclamo | consulta | sugerencia | felicitación | spam | encontradas |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	for i, gold := range classify.Intents() {
		c := f.confusion[i]
		low, high := interval(tested, func(f figures) float64 { return f.recall[i] })
		say("| %s | %d | %d | %d | %d | %d | %d | %.2f (%.2f a %.2f) |", gold, c[0], c[1], c[2], c[3], c[4], c[5], f.recall[i], low, high)
	}
	say("\n| | crítica | alta | media | baja |\n| --- | --- | --- | --- | --- |")
	for i, gold := range classify.Urgencies() {
		u := f.urgency[i]
		say("| %s | %d | %d | %d | %d |", gold, u[0], u[1], u[2], u[3])
	}
}

// part is some of the answers, looked at by themselves.
type part struct {
	name    string
	answers []answer
}

// parts splits answers by voice, by network and by how hard their mentions are.
func parts(answers []answer) []part {
	var all []part
	add := func(name string, of func(example) bool) {
		one := part{name: name}
		for _, a := range answers {
			if of(a.gold) {
				one.answers = append(one.answers, a)
			}
		}
		if len(one.answers) > 0 {
			all = append(all, one)
		}
	}
	voices := map[string]bool{}
	for _, a := range answers {
		if voice := a.gold.voice; !voices[voice] {
			voices[voice] = true
			add(voice, func(e example) bool { return e.voice == voice })
		}
	}
	for _, network := range mention.Networks() {
		add(string(network), func(e example) bool { return e.in.Network == network })
	}
	add("difíciles", func(e example) bool { return e.hard != "-" })
	add("las demás", func(e example) bool { return e.hard == "-" })
	return all
}

// agreement is Krippendorff's alpha of the two annotators over the voices from one to another by name, for the intents and the
// urgencies, and over how many mentions.
func (c corpus) agreement(from, to string) (intent, urgency float64, n int) {
	var intents, urgencies [][2]string
	for _, e := range c.examples {
		if second, both := c.second[e.id]; both && e.voice >= from && e.voice <= to {
			intents = append(intents, [2]string{cmp.Or(c.settled[e.id], string(e.intent)), second[0]})
			urgencies = append(urgencies, [2]string{string(e.urgency), second[1]})
		}
	}
	return alpha(intents), alpha(urgencies), len(intents)
}

// alpha is Krippendorff's, of two annotators and names without order.
func alpha(pairs [][2]string) float64 {
	counts, apart, all := map[string]float64{}, 0.0, 0.0
	for _, p := range pairs {
		counts[p[0]]++
		counts[p[1]]++
		all += 2
		if p[0] != p[1] {
			apart++
		}
	}
	alike := 0.0
	for _, n := range counts {
		alike += n * (n - 1)
	}
	if all == 0 || alike == all*(all-1) {
		return 1
	}
	return 1 - (apart/float64(len(pairs)))/(1-alike/(all*(all-1)))
}

// catalogue tells what topics there are, as of when, and in how many ways each is named.
func catalogue(say func(string, ...any)) {
	say("\n## De qué temas sabe\n")
	say("Están en `shared/classify/temas.json`, con su estado y el día en que alguien los comparó con el catálogo del servicio. Para agregar")
	say("uno, o una forma de nombrarlo: edita ese archivo, agrega menciones que lo nombren y corre `make train`.\n")
	say("| código | nombre | estado | revisado | alias |\n| --- | --- | --- | --- | --- |")
	for _, t := range classify.Topics() {
		state := map[classify.TopicState]string{
			classify.TopicCurrent: "vigente", classify.TopicLeaving: "en transición", classify.TopicPast: "histórico", classify.TopicMatter: "materia",
		}[t.State]
		if t.Note != "" {
			state += ", " + t.Note
		}
		say("| %s | %s | %s | %s | %d |", t.Code, t.Name, state, t.Checked, len(t.Aliases))
	}
}
