#include <stdio.h>
#include <sys/socket.h>
int main(void) { puts("hi"); return 0; }
