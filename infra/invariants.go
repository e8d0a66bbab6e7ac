package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

const (
	minute      = 60
	fiveMinutes = 5 * minute
	// deadLettersWait is how old, in seconds, a dead letter may grow before it rings again: four days before it is lost.
	deadLettersWait = 10 * day
	// ackLimit is the most, in milliseconds, that one delivery in a hundred may take to be acknowledged: Messenger wants its
	// answer within five seconds, and WhatsApp drops whoever is slow.
	ackLimit = 1000
	// dueLimit is how old, in seconds, the oldest unfinished work may grow: what /healthz holds the system to.
	dueLimit = 2 * minute
)

// ageLimits is how long, in seconds, a message may wait in a queue. What fails comes back after six timeouts, and what
// waits in the soon queue does so for up to a quarter of an hour on purpose.
func ageLimits() map[string]float64 {
	return map[string]float64{"Inbox": 2 * minute, "Outbound": 10 * minute, "Siac": 15 * minute, "Fetch": 15 * minute, "Soon": 20 * minute}
}

// queueAlarms: nothing fails for good without somebody hearing of it, nothing waits, and no dead letter is lost by age.
func queueAlarms(r *resources) []alarm {
	var out []alarm
	for _, q := range append(r.queues, queue{name: "Relay", dead: r.relayDeadLetters}) {
		if limit, worked := ageLimits()[q.name]; worked {
			out = append(out, alarm{
				id: q.name + "QueueAge", says: "Hay trabajo esperando demasiado en la cola " + q.name + ".",
				series: []series{queueSeries(q.main.AttrQueueName(), "ApproximateAgeOfOldestMessage")}, seconds: minute, bad: 3, of: 5, limit: limit,
			})
		}
		out = append(out, alarm{
			id: q.name + "DeadLetters", says: "Un mensaje de " + q.name + " falló cinco veces y espera a una persona.",
			series: []series{queueSeries(q.dead.AttrQueueName(), "ApproximateNumberOfMessagesVisible")}, seconds: minute, bad: 1, of: 1,
		}, alarm{
			id: q.name + "DeadLettersAge", says: "Un mensaje fallido de " + q.name + " se pierde en cuatro días si nadie lo atiende.",
			series: []series{queueSeries(q.dead.AttrQueueName(), "ApproximateAgeOfOldestMessage")}, seconds: fiveMinutes, bad: 1, of: 1, limit: deadLettersWait,
		})
	}
	return out
}

func queueSeries(name *string, metric string) series {
	return series{namespace: "AWS/SQS", name: metric, dimensions: map[string]*string{"QueueName": name}, statistic: "Maximum"}
}

// functionAlarms: no function keeps failing or being refused. One failure alone is retried, and its dead letter rings.
func functionAlarms(r *resources) []alarm {
	made := r.made()
	var out []alarm
	for _, f := range functions() {
		out = append(out, alarm{
			id: f.logical() + "Errors", says: "La función " + f.name + " falla una y otra vez.",
			series: []series{functionSeries(made[f.name], "Errors", "Sum")}, seconds: fiveMinutes, bad: 2, of: 3,
		}, alarm{
			id: f.logical() + "Throttles", says: "La función " + f.name + " no alcanza a atender lo que llega.",
			series: []series{functionSeries(made[f.name], "Throttles", "Sum")}, seconds: fiveMinutes, bad: 2, of: 3,
		})
	}
	return out
}

func functionSeries(f awslambda.CfnFunction, metric, statistic string) series {
	return series{namespace: "AWS/Lambda", name: metric, dimensions: map[string]*string{"FunctionName": f.Ref()}, statistic: statistic}
}

// systemAlarms are what must be so of the whole.
func systemAlarms(r *resources) []alarm {
	counted := func(name, function, statistic string) []series {
		return []series{{ownMetrics, name, map[string]*string{"function": jsii.String(function)}, statistic}}
	}
	return []alarm{
		{
			id: "StreamAge", says: "relay va atrasado leyendo los cambios: las consecuencias salen tarde.",
			series: []series{functionSeries(r.relay, "IteratorAge", "Maximum")}, seconds: minute, bad: 3, of: 5, limit: minute * 1000,
		},
		{
			id: "ServerErrors", says: "La API responde errores propios (5xx) a las redes o a la consola.",
			series: []series{{"AWS/ApiGateway", "5xx", map[string]*string{"ApiId": r.api.Ref()}, "Sum"}}, seconds: fiveMinutes, bad: 2, of: 3,
		},
		{
			id: "AckLatency", says: "Acusamos recibo a las redes demasiado lento: pueden dejar de avisarnos.",
			series: []series{functionSeries(r.webhook, "Duration", "p99")}, seconds: fiveMinutes, bad: 2, of: 3, limit: ackLimit,
		},
		{
			id: "WorkThrottles", says: "La tabla de trabajo rechaza escrituras o lecturas por capacidad.",
			series: throttles(r.tables.work, waitingIndex, boardIndex), seconds: fiveMinutes, bad: 1, of: 1,
		},
		{
			id: "BitacoraThrottles", says: "La bitácora rechaza escrituras o lecturas por capacidad.",
			series: throttles(r.tables.bitacora, dayIndex), seconds: fiveMinutes, bad: 1, of: 1,
		},
		{
			// The rule's calls and not tick's own: messages of the soon queue start tick too.
			id: "NoTick", says: "El reloj de cada minuto no corre: lo programado no sale.", silent: true, below: true, limit: 1,
			series:  []series{{"AWS/Events", "Invocations", map[string]*string{"RuleName": r.minute.Ref()}, "Sum"}},
			seconds: fiveMinutes, bad: 1, of: 1,
		},
		{
			id: "NoLook", says: "Nadie revisa nuestras cuentas: una clave muerta o una entrega perdida no se nota.", silent: true, below: true, limit: 1,
			series:  []series{{"AWS/Events", "Invocations", map[string]*string{"RuleName": r.looks.Ref()}, "Sum"}},
			seconds: fiveMinutes, bad: 1, of: 1,
		},
		{
			id: "ChannelsPaused", says: "Una cuenta está detenida: no sale nada por ella hasta que alguien la reanude o la conecte de nuevo.",
			series: counted("ChannelsPaused", "fetch", "Maximum"), seconds: minute, bad: 3, of: 5,
		},
		{
			id: "ChannelsExpiring", says: "Una clave o un permiso de una cuenta vence pronto: en la consola dice cuál y cuándo.",
			series: counted("ChannelsExpiring", "fetch", "Maximum"), seconds: fiveMinutes, bad: 3, of: 3,
		},
		{
			id: "OldestDueWork", says: "Hay trabajo vencido sin terminar hace más de dos minutos, o nadie lo mide.", silent: true,
			series: counted("OldestDueWorkSeconds", "tick", "Maximum"), seconds: minute, bad: 3, of: 5, limit: dueLimit,
		},
		{
			// A stranger's forgeries ring too; nothing but their number tells them from our secret being the wrong one.
			id: "RefusedDeliveries", says: "Rechazamos entregas por su firma: o alguien prueba, o el secreto de la aplicación no es el de la red.",
			series: counted("Refused", "webhook", "Sum"), seconds: fiveMinutes, bad: 2, of: 3, limit: 10,
		},
		{
			id: "UnknownReplies", says: "No sabemos si una respuesta se publicó: una persona debe mirar la red.",
			series: counted("UnknownOutcomes", "deliver", "Sum"), seconds: fiveMinutes, bad: 1, of: 1,
		},
		{
			id: "ModelUnusable", says: "El modelo elegido para clasificar, o el de prueba, no se puede usar: clasifica otro en su lugar (gestor model list).",
			series: counted("ModelsUnusable", "intake", "Sum"), seconds: fiveMinutes, bad: 2, of: 3,
		},
		{
			id: "UnknownFilings", says: "No sabemos si un caso quedó en SIAC: una persona debe mirar SIAC.",
			series: counted("UnknownOutcomes", "escalate", "Sum"), seconds: fiveMinutes, bad: 1, of: 1,
		},
	}
}

// throttles are the refusals of a table and of its indexes, which refuse for the table.
func throttles(table awsdynamodb.CfnTable, indexes ...string) []series {
	var out []series
	for _, metric := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
		out = append(out, series{"AWS/DynamoDB", metric, map[string]*string{"TableName": table.Ref()}, "Sum"})
		for _, index := range indexes {
			out = append(out, series{"AWS/DynamoDB", metric, map[string]*string{
				"TableName": table.Ref(), "GlobalSecondaryIndexName": jsii.String(index),
			}, "Sum"})
		}
	}
	return out
}

func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
