#include <stdlib.h>
#include <string.h>
#include <stdio.h>
typedef int e;
e cudaGetDeviceCount(int*n){*n=1;return 0;}
e cudaGetDevice(int*n){*n=0;return 0;}
e cudaSetDevice(int n){return 0;}
e cudaDriverGetVersion(int*v){*v=13000;return 0;}
e cudaRuntimeGetVersion(int*v){*v=13000;return 0;}
e cudaGetDeviceProperties(void*p,int d){char*c=p;memset(c,0,1008);strcpy(c,"Stub");*(size_t*)(c+288)=80ull<<30;*(size_t*)(c+296)=49152;*(int*)(c+304)=65536;*(int*)(c+308)=32;*(size_t*)(c+312)=1<<30;*(int*)(c+320)=1024;int*m=(int*)(c+324);m[0]=1024;m[1]=1024;m[2]=64;m[3]=2147483647;m[4]=65535;m[5]=65535;*(size_t*)(c+352)=65536;*(int*)(c+360)=9;*(int*)(c+364)=0;*(size_t*)(c+368)=512;*(int*)(c+384)=132;*(int*)(c+388)=132;for(int i=392;i<1008;i+=4)if(!*(int*)(c+i))*(int*)(c+i)=2048;return 0;}
e cudaDeviceGetAttribute(int*v,int a,int d){switch(a){case 75:*v=9;break;case 76:*v=0;break;case 16:*v=132;break;case 1:*v=1024;break;case 10:*v=32;break;case 39:*v=2048;break;case 8:*v=49152;break;case 97:*v=232448;break;case 81:*v=233472;break;default:*v=1;}return 0;}
e cudaMalloc(void**p,size_t n){*p=aligned_alloc(256,(n+255)/256*256+256);return *p?0:2;}
e cudaMallocHost(void**p,size_t n){return cudaMalloc(p,n);}
e cudaHostAlloc(void**p,size_t n,unsigned f){return cudaMalloc(p,n);}
e cudaMallocFromPoolAsync(void**p,size_t n,void*q,void*s){return cudaMalloc(p,n);}
e cudaFree(void*p){free(p);return 0;} e cudaFreeHost(void*p){free(p);return 0;} e cudaFreeAsync(void*p,void*s){free(p);return 0;}
e cudaMemcpy(void*d,const void*s,size_t n,int k){memcpy(d,s,n);return 0;} e cudaMemcpyAsync(void*d,const void*s,size_t n,int k,void*st){memcpy(d,s,n);return 0;}
e cudaMemset(void*d,int v,size_t n){memset(d,v,n);return 0;} e cudaMemsetAsync(void*d,int v,size_t n,void*s){memset(d,v,n);return 0;}
e cudaMemGetInfo(size_t*f,size_t*t){*f=70ull<<30;*t=80ull<<30;return 0;}
static char H[65536]; 
e cudaStreamCreate(void**s){*s=H;return 0;} e cudaStreamCreateWithFlags(void**s,unsigned f){*s=H;return 0;}
e cudaEventCreate(void**s){*s=H;return 0;} e cudaEventCreateWithFlags(void**s,unsigned f){*s=H;return 0;}
e cudaMemPoolCreate(void**s,const void*p){*s=H;return 0;}
const char* cudaGetErrorString(e x){return "stub";} const char* cudaGetErrorName(e x){return "stub";}
e cudaPointerGetAttributes(void*a,const void*p){memset(a,0,32);*(int*)a=2;return 0;}
e cudaStreamEndCapture(void*s,void**g){*g=H;return 0;} e cudaGraphInstantiate(void**g,void*o,unsigned long long f){*g=H;return 0;}
e cudaStreamIsCapturing(void*s,int*c){*c=0;return 0;}
void** __cudaRegisterFatBinary(void*p){static void*h;return &h;}
e cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int*n,const void*f,int b,size_t d,unsigned g){*n=2;return 0;}
e cudaFuncGetAttributes(void*a,const void*f){memset(a,0,128);*(int*)((char*)a+24)=1024;return 0;}
e cudaEventElapsedTime(float*t,void*a,void*b){*t=1;return 0;}
e cudaMemPoolGetAttribute(void*p,int a,void*v){*(unsigned long long*)v=0;return 0;}
e cudaGetDriverEntryPointByVersion(const char*n,void**f,unsigned v,unsigned long long g,int*st){*f=0;if(st)*st=1;return 0;}
