// librdkafka waits with C11's cnd_timedwait, which libfaketime 0.9.10 does not know: its deadlines would be by the false clock and the waiting by the
// true one. Handed on to pthread_cond_timedwait, which libfaketime does know; in glibc the two kinds of condition and mutex are the same.
#include <errno.h>
#include <pthread.h>
#include <threads.h>

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *deadline) {
    int status = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, deadline);
    return status == 0 ? thrd_success : status == ETIMEDOUT ? thrd_timedout : thrd_error;
}
