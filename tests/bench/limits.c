/*
 * limits: what this machine can do at best, measured now.
 *
 * Every other figure of the bench is set beside these: one Ed25519
 * signature and verification, one X25519, one fdatasync of a small append,
 * one round trip of one frame over CURVE on loopback.  Prints one JSON
 * object, microseconds (median over ROUNDS).  usage: bench-limits DIR
 */
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define ROUNDS 400
#define FRAME 1024

struct keys {
	unsigned char sign_pk[32], sign_sk[64];
	unsigned char dh_pk[32], dh_sk[32];
	unsigned char message[201], sig[64];
};

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The middle one and the one at the 99th percentile of ROUNDS times. */
static void
print_figure(const char *name, double *us, const char *end)
{
	qsort(us, ROUNDS, sizeof(*us), by_value);
	printf("\"%s\":{\"p50_us\":%.2f,\"p99_us\":%.2f}%s", name,
	    us[ROUNDS / 2], us[ROUNDS * 99 / 100], end);
}

static void
measure_crypto(struct keys *k)
{
	double sign[ROUNDS], verify[ROUNDS], dh[ROUNDS], t;
	unsigned char out[32];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		t = now_us();
		crypto_sign_detached(k->sig, NULL, k->message,
		    sizeof(k->message), k->sign_sk);
		sign[i] = now_us() - t;
		t = now_us();
		if (crypto_sign_verify_detached(k->sig, k->message,
			sizeof(k->message), k->sign_pk) != 0)
			abort();
		verify[i] = now_us() - t;
		t = now_us();
		if (crypto_scalarmult(out, k->dh_sk, k->dh_pk) != 0)
			abort();
		dh[i] = now_us() - t;
	}
	print_figure("sign", sign, ",");
	print_figure("verify", verify, ",");
	print_figure("x25519", dh, ",");
}

static int
measure_sync(const char *dir)
{
	double us[ROUNDS], t;
	char path[4096], block[512];
	int fd, i;

	snprintf(path, sizeof(path), "%s/bench-sync", dir);
	if ((fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600)) < 0)
		return -1;
	memset(block, 1, sizeof(block));
	for (i = 0; i < ROUNDS; i++) {
		t = now_us();
		if (write(fd, block, sizeof(block)) != sizeof(block) ||
		    fdatasync(fd) != 0)
			return -1;
		us[i] = now_us() - t;
	}
	close(fd);
	unlink(path);
	print_figure("fdatasync", us, ",");
	return 0;
}

struct echo {
	void *context;
	char endpoint[64];
	char public_key[41], secret_key[41];
	void *socket;
};

static void *
echo_run(void *arg)
{
	struct echo *echo = arg;
	char frame[FRAME], id[16];
	int i, id_len;

	for (i = 0; i < ROUNDS + 1; i++) {
		id_len = zmq_recv(echo->socket, id, sizeof(id), 0);
		zmq_recv(echo->socket, frame, sizeof(frame), 0);
		zmq_send(echo->socket, id, (size_t)id_len, ZMQ_SNDMORE);
		zmq_send(echo->socket, frame, sizeof(frame), 0);
	}
	return NULL;
}

static void
echo_open(struct echo *echo)
{
	size_t len = sizeof(echo->endpoint);
	int one = 1;

	echo->context = zmq_ctx_new();
	zmq_curve_keypair(echo->public_key, echo->secret_key);
	echo->socket = zmq_socket(echo->context, ZMQ_ROUTER);
	zmq_setsockopt(echo->socket, ZMQ_CURVE_SERVER, &one, sizeof(one));
	zmq_setsockopt(echo->socket, ZMQ_CURVE_SECRETKEY, echo->secret_key, 41);
	if (zmq_bind(echo->socket, "tcp://127.0.0.1:*") != 0)
		abort();
	zmq_getsockopt(echo->socket, ZMQ_LAST_ENDPOINT, echo->endpoint, &len);
}

static void
measure_round_trip(void)
{
	struct echo echo;
	char public_key[41], secret_key[41], frame[FRAME] = {0};
	double us[ROUNDS], t;
	void *client;
	pthread_t thread;
	int i;

	echo_open(&echo);
	zmq_curve_keypair(public_key, secret_key);
	client = zmq_socket(echo.context, ZMQ_DEALER);
	zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, echo.public_key, 41);
	zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, public_key, 41);
	zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, secret_key, 41);
	if (zmq_connect(client, echo.endpoint) != 0 ||
	    pthread_create(&thread, NULL, echo_run, &echo) != 0)
		abort();
	for (i = -1; i < ROUNDS; i++) {
		t = now_us();
		zmq_send(client, frame, sizeof(frame), 0);
		zmq_recv(client, frame, sizeof(frame), 0);
		if (i >= 0)
			us[i] = now_us() - t;
	}
	pthread_join(thread, NULL);
	zmq_close(client);
	zmq_close(echo.socket);
	zmq_ctx_destroy(echo.context);
	print_figure("curve_round_trip", us, "");
}

int
main(int argc, char **argv)
{
	struct keys k;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-limits DIR\n");
		return 2;
	}
	if (sodium_init() < 0)
		return 1;
	crypto_sign_keypair(k.sign_pk, k.sign_sk);
	crypto_box_keypair(k.dh_pk, k.dh_sk);
	randombytes_buf(k.message, sizeof(k.message));
	printf("{");
	measure_crypto(&k);
	if (measure_sync(argv[1]) != 0) {
		perror("bench-limits: fdatasync");
		return 74;
	}
	measure_round_trip();
	printf("}\n");
	return 0;
}
