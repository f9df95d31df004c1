/*
 * verify_rate: how many Ed25519 signatures one core verifies a second, bare.
 *
 * The measure beside which bundle.py sets an auditor's envelopes a second.
 * Over the bytes of a run's statement, by the time this process was given.
 * Prints one number.  usage: bench-verify-rate SECONDS
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 100
#define STATEMENT 201

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	unsigned char pk[32], sk[64], message[STATEMENT] = {0}, sig[64];
	double limit = argc == 2 ? strtod(argv[1], NULL) : 0, start, spent;
	size_t n = 0, i;

	if (limit <= 0) {
		fputs("usage: bench-verify-rate SECONDS\n", stderr);
		return 2;
	}
	if (sodium_init() < 0)
		return 1;
	crypto_sign_keypair(pk, sk);
	crypto_sign_detached(sig, NULL, message, sizeof(message), sk);
	start = cpu_s();
	do {
		for (i = 0; i < BATCH; i++)
			if (crypto_sign_verify_detached(sig, message,
				sizeof(message), pk) != 0)
				abort();
		n += BATCH;
		spent = cpu_s() - start;
	} while (spent < limit);
	printf("%.0f\n", (double)n / spent);
	return 0;
}
